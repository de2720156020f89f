//! AWS credentials from every source of AWS's own tools, and the signatures made with them.

mod fake;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use fake::{CONTAINER_TOKEN, FakeAws, SSO_TOKEN, Seen, WEB_TOKEN};
use tempfile::TempDir;

use crate::command::{files, genai_bench, results, succeeded};

/// The ID of the session `corp`, as AWS's tools name the file that a sign-on leaves.
const OF_CORP: &str = "ee0bfd2552fbd840c02cc48b6e823320543c450f";

/// A machine without credentials except those that a test adds.
struct Machine {
    home: TempDir,
    aws: FakeAws,
    command: Command,
}

impl Machine {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let aws = FakeAws::start();
        let mut command =
            genai_bench(&["benchmark", "--api-backend", "aws-bedrock", "--api-model-name", "m"]);
        let of_aws = |name: &String| name.starts_with("AWS_");
        std::env::vars_os().filter_map(|it| it.0.into_string().ok()).filter(of_aws).for_each(|it| {
            command.env_remove(it);
        });
        command.env("HOME", home.path()).env("AWS_EC2_METADATA_DISABLED", "true");
        command.args(["--api-base", &aws.url, "--experiment-folder-name", "e", "--experiment-base-dir"]);
        command.arg(home.path());
        let load = ["--max-requests-per-run", "2", "--num-concurrency", "1", "--traffic-scenario", "D(5,5)"];
        command.args(load);
        Self { home, aws, command }
    }

    /// Adds a file to the home folder.
    fn file(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    fn typed(mut self, option: &str, value: &str) -> Self {
        self.command.args([option, value]);
        self
    }

    fn run(&mut self) -> Output {
        self.command.output().expect("the binary runs")
    }

    /// Runs the command, which succeeds, and returns the request for a model; all requests are signed in the same way.
    fn signed(mut self) -> Seen {
        let output = self.run();
        succeeded(&output);
        assert_eq!(results(self.home.path())[0]["aggregated_metrics"]["num_completed_requests"], 2);
        self.shows_no_secret(&output);
        let mut of_models = self.aws.seen();
        of_models.retain(|it| it.line.starts_with("POST /model/"));
        assert!(of_models.iter().all(|it| it.key() == of_models[0].key()), "{of_models:?}");
        of_models.swap_remove(0)
    }

    fn shows_no_secret(&self, output: &Output) {
        let mut texts = vec![output.stdout.clone(), output.stderr.clone()];
        let written = files(self.home.path(), |_| true);
        assert!(written.len() >= 3, "{written:?}");
        texts.extend(written.iter().map(|it| fs::read(it).expect("a readable file")));
        for text in texts {
            let text = String::from_utf8_lossy(&text);
            assert!(!text.contains("do-not-show") && !text.contains("ASIA"), "{text}");
        }
    }

    /// Runs the command, which fails, and returns its errors.
    fn refused(mut self) -> String {
        let output = self.run();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{errors}");
        errors
    }
}

/// Asserts that the request is signed with this key of a role, for which a token has to be sent along.
fn is_of_role(request: &Seen, key: &str) {
    assert_eq!(request.key(), key);
    assert_eq!(request.header("x-amz-security-token"), "do-not-show-2");
    assert!(request.header("authorization").contains("x-amz-security-token"), "{request:?}");
}

#[test]
fn a_profile_has_keys_and_a_region() {
    let files = |machine: Machine| {
        machine
            .file(".aws/config", "[profile work]\nregion = eu-west-2\n")
            .file(
                ".aws/credentials",
                "[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = do-not-show-3\n",
            )
            .variable("AWS_ACCESS_KEY_ID", "AKIAOFTHEENVIRONMENT")
            .variable("AWS_SECRET_ACCESS_KEY", "do-not-show-4")
            .variable("AWS_SESSION_TOKEN", "do-not-show-5")
    };
    // A profile by option wins over keys in the environment; a profile in the environment does not.
    let typed = files(Machine::new()).typed("--aws-profile", "work").signed();
    assert_eq!((typed.key(), typed.header("x-amz-security-token")), ("AKIAWORK", ""));
    assert!(typed.header("authorization").contains("/eu-west-2/bedrock/"), "{typed:?}");
    let set = files(Machine::new()).variable("AWS_PROFILE", "work").signed();
    assert_eq!((set.key(), set.header("x-amz-security-token")), ("AKIAOFTHEENVIRONMENT", "do-not-show-5"));
    assert!(set.header("authorization").contains("/eu-west-2/bedrock/"), "{set:?}");
    let keys = files(Machine::new()).typed("--aws-access-key-id", "AKIATYPED");
    let keys = keys.typed("--aws-secret-access-key", "do-not-show-6").signed();
    assert_eq!((keys.key(), keys.header("x-amz-security-token")), ("AKIATYPED", ""));
    assert!(keys.header("authorization").contains("/us-east-1/bedrock/"), "{keys:?}");
}

#[test]
fn empty_key_options_cancel_keys_of_the_environment() {
    let machine = Machine::new()
        .file(
            ".aws/config",
            "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = do-not-show-3\n",
        )
        .variable("AWS_ACCESS_KEY_ID", "AKIAOFTHEENVIRONMENT")
        .variable("AWS_SECRET_ACCESS_KEY", "do-not-show-4");
    let machine = machine.typed("--aws-access-key-id", "").typed("--aws-secret-access-key", "");
    assert_eq!(machine.signed().key(), "AKIADEFAULT");
}

#[test]
fn a_profile_may_name_a_program_that_knows_the_keys() {
    let keys = r#"{"Version": 1, "AccessKeyId": "ASIAPROGRAM", "SecretAccessKey": "do-not-show-1",
        "SessionToken": "do-not-show-2", "Expiration": "2096-10-02T07:06:40Z"}"#;
    let machine = Machine::new().file("keys.json", keys);
    let program = format!("[default]\ncredential_process = cat '{}'\n", machine.path("keys.json").display());
    is_of_role(&machine.file(".aws/config", &program).signed(), "ASIAPROGRAM");
    let failing =
        Machine::new().file(".aws/config", "[default]\ncredential_process = echo oh no >&2; exit 3\n");
    let printed = failing.refused();
    assert!(printed.contains("the profile 'default'") && printed.contains("oh no"), "{printed}");
}

#[test]
fn a_profile_may_name_a_role_and_its_source_profile() {
    let machine = |key: &str| {
        let machine = Machine::new().file(
            ".aws/config",
            &format!(
                "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = source\n\
                [profile source]\naws_access_key_id = {key}\naws_secret_access_key = do-not-show-3\n"
            ),
        );
        let url = machine.aws.url.clone();
        machine.variable("AWS_ENDPOINT_URL_STS", &url).typed("--aws-profile", "role")
    };
    let printed = machine("AKIAANOTHER").refused();
    for hint in ["the profile 'role'", "AccessDenied", "Nobody may take R"] {
        assert!(printed.contains(hint), "'{hint}' is not in: {printed}");
    }
    let machine = machine("AKIASOURCE");
    let aws = machine.aws.clone();
    is_of_role(&machine.typed("--aws-region", "eu-west-3").signed(), "ASIAASSUMED");
    let request = aws.seen().into_iter().find(|it| it.line == "POST /").expect("the role was requested");
    assert!(request.header("authorization").contains("/eu-west-3/sts/"), "{request:?}");
}

#[test]
fn a_profile_may_name_a_single_sign_on() {
    let token = format!(
        r#"{{"accessToken": "{SSO_TOKEN}", "expiresAt": "2096-10-02T07:06:40Z", "region": "us-east-1",
        "startUrl": "https://corp.awsapps.com/start"}}"#
    );
    let config = "[profile corp]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = R\n\
        [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.com/start\n";
    let machine = |token: &str| {
        let machine = Machine::new().file(".aws/config", config);
        let machine = machine.file(&format!(".aws/sso/cache/{OF_CORP}.json"), token);
        let url = machine.aws.url.clone();
        machine.variable("AWS_ENDPOINT_URL_SSO", &url).variable("AWS_PROFILE", "corp")
    };
    is_of_role(&machine(&token).signed(), "ASIASIGNON");
    let printed = machine(&token.replace("2096", "2016")).refused();
    assert!(printed.contains("the profile 'corp'") && !printed.contains("do-not-show"), "{printed}");
}

#[test]
fn a_web_identity_is_exchanged_for_a_role() {
    let machine = Machine::new().file("token", WEB_TOKEN);
    let (aws, file) = (machine.aws.clone(), machine.path("token").display().to_string());
    let machine = machine
        .variable("AWS_ENDPOINT_URL_STS", &aws.url)
        .variable("AWS_WEB_IDENTITY_TOKEN_FILE", &file)
        .variable("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/R")
        .variable("AWS_ROLE_SESSION_NAME", "bench");
    is_of_role(&machine.signed(), "ASIAWEB");
    let request = aws.seen().into_iter().find(|it| it.line == "POST /").expect("the role was requested");
    assert!(request.body.contains(WEB_TOKEN) && request.body.contains("bench"), "{request:?}");
}

#[test]
fn a_container_has_a_role() {
    let machine = |token: &str| {
        let machine = Machine::new();
        let url = format!("{}/container", machine.aws.url);
        let machine = machine.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url);
        machine.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", token)
    };
    is_of_role(&machine(CONTAINER_TOKEN).signed(), "ASIACONTAINER");
    let printed = machine("do-not-show-another").refused();
    assert!(printed.contains("the service for containers") && !printed.contains("do-not-show"), "{printed}");
}

#[test]
fn the_role_of_an_instance_is_requested_once() {
    let machine = Machine::new();
    let aws = machine.aws.clone();
    let machine = machine.variable("AWS_EC2_METADATA_DISABLED", "false");
    is_of_role(&machine.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", &aws.url).signed(), "ASIAINSTANCE");
    let paths: Vec<String> =
        aws.seen().into_iter().map(|it| it.line).filter(|it| !it.contains("/model/")).collect();
    let role = "GET /latest/meta-data/iam/security-credentials/";
    assert_eq!(paths, ["PUT /latest/api/token".to_owned(), role.to_owned(), format!("{role}role")]);
}

#[test]
fn missing_credentials_are_an_error_before_any_request() {
    let machine = Machine::new();
    let aws = machine.aws.clone();
    let printed = machine.refused();
    for hint in [
        "$AWS_ACCESS_KEY_ID",
        "the profile 'default'",
        "$AWS_WEB_IDENTITY_TOKEN_FILE",
        "the service for containers",
        "the metadata service of an instance",
        "--api-key or AWS_BEARER_TOKEN_BEDROCK",
        "--aws-profile (AWS_PROFILE)",
    ] {
        assert!(printed.contains(hint), "'{hint}' is not in: {printed}");
    }
    assert!(aws.seen().is_empty());
    let printed = Machine::new().typed("--aws-profile", "wrok").refused();
    assert!(printed.contains("--aws-profile") && printed.contains("no profile 'wrok'"), "{printed}");
    let both = Machine::new().typed("--aws-profile", "work").typed("--aws-access-key-id", "AKIA");
    let printed = both.refused();
    assert!(printed.contains("--aws-profile") && printed.contains("--aws-access-key-id"), "{printed}");
}
