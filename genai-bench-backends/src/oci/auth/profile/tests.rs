//! Valid and invalid config files.

use std::path::Path;

use tempfile::TempDir;

use super::*;

/// Creates a home folder with this config file, and a key.
fn home(config: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".oci")).unwrap();
    fs::write(home.path().join(".oci/config"), config).unwrap();
    fs::write(home.path().join(".oci/key.pem"), "a key").unwrap();
    home
}

fn settings(home: &Path, options: &[(&'static str, &str)]) -> Settings {
    Settings {
        options: options.iter().map(|it| (it.0, it.1.into())).collect(),
        environment: [("HOME", home.to_str().unwrap())].into_iter().collect(),
        ..Settings::default()
    }
}

fn problem(result: Result<impl std::fmt::Debug, SettingsError>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.setting, error.problem)
}

const GOOD: &str = "[DEFAULT]
tenancy = ocid1.tenancy.oc1..t
user=ocid1.user.oc1..u
fingerprint=20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34
key_file=~/.oci/key.pem
pass_phrase=hush
region=

[WORK]
user=ocid1.user.oc1..w
";

#[test]
fn a_profile_inherits_from_the_default_one() {
    let home = home(GOOD);
    let default = Profile::open(&settings(home.path(), &[])).unwrap();
    assert_eq!(default.ocid("user").unwrap(), "ocid1.user.oc1..u");
    assert_eq!(default.path("key_file").unwrap(), home.path().join(".oci/key.pem"));
    assert_eq!(default.text("region"), None, "an empty field is none");
    assert!(!format!("{default:?}").contains("hush"));
    let work = Profile::open(&settings(home.path(), &[("profile", "WORK")])).unwrap();
    assert_eq!(work.ocid("user").unwrap(), "ocid1.user.oc1..w");
    assert_eq!(work.ocid("tenancy").unwrap(), "ocid1.tenancy.oc1..t");
    assert!(work.found().ends_with("/.oci/config, profile WORK"));
}

#[test]
fn the_file_is_where_somebody_says_or_where_it_usually_is() {
    let home = home("[DEFAULT]\nuser=usual");
    fs::create_dir(home.path().join(".oraclebmc")).unwrap();
    fs::write(home.path().join(".oraclebmc/config"), "[DEFAULT]\nuser=old").unwrap();
    fs::write(home.path().join("mine"), "[DEFAULT]\nuser=mine").unwrap();
    let user = |options: &[(&'static str, &str)]| {
        Profile::open(&settings(home.path(), options)).unwrap().text("user").map(str::to_owned)
    };
    assert_eq!(user(&[("config-file", "~/mine")]).as_deref(), Some("mine"));
    assert_eq!(user(&[]).as_deref(), Some("usual"));
    fs::remove_file(home.path().join(".oci/config")).unwrap();
    assert_eq!(user(&[]).as_deref(), Some("old"));
    fs::remove_file(home.path().join(".oraclebmc/config")).unwrap();
    let (setting, said) = problem(Profile::open(&settings(home.path(), &[])));
    assert_eq!(setting, "config-file");
    assert!(said.contains("~/.oci/config") && said.contains("--api-key"), "{said}");
    let (setting, said) = problem(Profile::open(&settings(home.path(), &[("config-file", "~/gone")])));
    assert!(setting == "config-file" && said.contains("/gone: "), "{said}");
}

#[test]
fn what_is_wrong_is_named_with_its_file_profile_line_and_field() {
    let told = |config: &str, name: &str, field: fn(&Profile) -> Result<String, SettingsError>| {
        let home = home(config);
        let opened = Profile::open(&settings(home.path(), &[("profile", name)]));
        problem(opened.and_then(|it| field(&it)))
    };
    let user = |it: &Profile| it.ocid("user").map(str::to_owned);
    let fingerprint = |it: &Profile| it.fingerprint().map(str::to_owned);
    let key = |it: &Profile| it.path("key_file").map(|it| it.display().to_string());
    let (setting, said) = told("[DEFAULT]\nregion=iad", "DEFAULT", user);
    assert_eq!(setting, "profile");
    assert!(said.ends_with(".oci/config, profile DEFAULT: user is missing"), "{said}");
    let (_, said) = told("[DEFAULT]\n\nuser=me", "DEFAULT", user);
    assert!(said.contains("profile DEFAULT, line 3: user is no OCID"), "{said}");
    let (_, said) = told("[A]\nfingerprint=20:3b", "A", fingerprint);
    assert!(said.contains("profile A, line 2: fingerprint is not 16 bytes"), "{said}");
    let (_, said) = told("[A]\nkey_file=~/gone.pem", "A", key);
    assert!(said.contains("line 2: key_file names a file that is not there: /"), "{said}");
    let (_, said) = told("[A]\nkey_content=SECRET", "A", key);
    assert!(said.contains("key_content is not allowed") && !said.contains("SECRET"), "{said}");
    let (setting, said) = told("[A]\nuser", "A", user);
    assert!(setting == "config-file" && said.contains("line 2: no name=value"), "{said}");
    let (_, said) = told("[A]\n[B]", "C", user);
    assert!(said.contains("'C' is not in ") && said.ends_with("there is A, B"), "{said}");
}
