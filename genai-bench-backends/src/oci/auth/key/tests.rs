//! Every form of one throwaway key, made by OpenSSL 3.0.19.

use super::*;

const PASS_PHRASE: &str = "throwaway-pass-phrase";

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../../fixtures/oci/throwaway_", $name, ".pem"))
    };
}

fn public(text: &str, pass_phrase: Option<&str>) -> Result<String, InvalidKey> {
    PrivateKey::from_pem(text, pass_phrase.map(Secret::from).as_ref())?.public()
}

#[test]
fn every_form_holds_the_same_key() {
    let wanted = blocks(fixture!("public"))[0].body.to_string();
    assert_eq!(public(fixture!("pkcs8"), None).unwrap(), wanted);
    assert_eq!(public(fixture!("pkcs1"), None).unwrap(), wanted);
    for encrypted in [fixture!("encrypted"), fixture!("scrypt")] {
        assert_eq!(public(encrypted, Some(PASS_PHRASE)).unwrap(), wanted);
    }
    let of_console = concat!(fixture!("pkcs8"), "OCI_API_KEY\n");
    assert_eq!(public(of_console, None).unwrap(), wanted);
    let with_windows_breaks = fixture!("pkcs1").replace('\n', "\r\n");
    assert_eq!(public(&with_windows_breaks, Some("inherited from another profile")).unwrap(), wanted);
}

#[test]
fn what_cannot_be_used_says_why_and_shows_nothing() {
    let cut = &fixture!("pkcs8")[..fixture!("pkcs8").len() - 40];
    for (text, pass_phrase, why) in [
        (fixture!("encrypted"), None, InvalidKey::NoPassPhrase),
        (fixture!("encrypted"), Some("wrong"), InvalidKey::WrongPassPhrase),
        (fixture!("legacy"), Some(PASS_PHRASE), InvalidKey::LegacyEncrypted),
        (fixture!("public"), None, InvalidKey::Public),
        (fixture!("leaf"), None, InvalidKey::Missing),
        ("", None, InvalidKey::Missing),
        (cut, None, InvalidKey::Missing),
        ("-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----", None, InvalidKey::Broken),
        ("-----BEGIN EC PRIVATE KEY-----\nAQID\n-----END EC PRIVATE KEY-----", None, InvalidKey::NotRsa),
    ] {
        assert_eq!(public(text, pass_phrase).unwrap_err(), why);
    }
    let of_another_kind = public(fixture!("ec"), None).unwrap_err();
    assert!(matches!(of_another_kind, InvalidKey::Rejected(_)), "{of_another_kind}");
    assert!(InvalidKey::LegacyEncrypted.to_string().contains("openssl pkcs8 -topk8"));
    let key = PrivateKey::from_pem(fixture!("pkcs8"), None).unwrap();
    assert_eq!(format!("{key:?}"), "PrivateKey(***)");
}

#[test]
fn a_new_key_signs() {
    let key = PrivateKey::generate().unwrap();
    assert_eq!(STANDARD.decode(key.sign("text").unwrap()).unwrap().len(), 256);
    assert_ne!(key.public().unwrap(), PrivateKey::generate().unwrap().public().unwrap());
}

#[test]
fn a_certificate_has_the_fingerprint_that_openssl_shows() {
    let fingerprint = fingerprint(&blocks(fixture!("leaf"))[0]).unwrap();
    assert_eq!(fingerprint, "AB:E3:A3:07:0B:88:35:60:0F:45:36:C8:CA:00:1E:E0:3E:5C:39:E2");
}
