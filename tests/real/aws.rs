//! AWS signatures, checked by moto, which computes every signature again and checks permissions.
//!
//! Its Bedrock answers any model with an empty object, which is no embedding: a request that gets this error was
//! accepted.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::command::genai_bench;
use crate::moto_server::MotoServer;

const LET_IN: &str = "0 embeddings instead of 1";

/// A home folder with an AWS profile.
struct Machine {
    home: TempDir,
    server: MotoServer,
}

impl Machine {
    fn new(config: &str) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        fs::create_dir(home.path().join(".aws")).expect("a folder can be made");
        let server = MotoServer::start();
        let keys = [("ID", &server.id), ("SECRET", &server.secret)];
        let config = keys.iter().fold(config.to_owned(), |text, (name, key)| text.replace(name, key));
        fs::write(home.path().join(".aws/config"), config).expect("a file can be written");
        Self { home, server }
    }

    /// Returns the error of the command for an embedding request with these options.
    fn complaint(&self, options: &[&str]) -> String {
        let mut command: Command = genai_bench();
        let of_aws = |name: &String| name.starts_with("AWS_") || name == "MODEL_API_KEY";
        std::env::vars_os().filter_map(|it| it.0.into_string().ok()).filter(of_aws).for_each(|it| {
            command.env_remove(it);
        });
        command.env("HOME", self.home.path()).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_ENDPOINT_URL_STS", &self.server.url);
        command.args(["benchmark", "--api-backend", "aws-bedrock", "--api-base", &self.server.url]);
        command.args(["--api-model-name", "amazon.titan-embed-text-v2:0", "--task", "text-to-embeddings"]);
        command.args(["--traffic-scenario", "E(5)", "--num-concurrency", "1", "--max-requests-per-run", "1"]);
        command.arg("--experiment-base-dir").arg(self.home.path()).args(options);
        let output = command.output().expect("genai-bench can be run");
        assert!(!output.status.success(), "moto's models have learnt to answer");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains(&*self.server.secret), "the secret is in: {said}");
        said
    }
}

/// Asserts that `output` contains `hint`.
fn assert_contains(output: &str, hint: &str) {
    assert!(output.contains(hint), "'{hint}' is not in: {output}");
}

#[test]
#[ignore = "needs tests/real/setup"]
fn a_signature_is_right_with_the_right_secret_alone() {
    let machine = Machine::new("");
    let MotoServer { id, secret, .. } = &machine.server;
    let with = |id: &str, secret: &str, region: &str| {
        let pair = ["--aws-access-key-id", id, "--aws-secret-access-key", secret, "--aws-region", region];
        machine.complaint(&pair)
    };
    assert_contains(&with(id, secret, "us-east-1"), LET_IN);
    assert_contains(&with(id, secret, "eu-west-3"), LET_IN);
    assert_contains(&with(id, "another", "us-east-1"), "SignatureDoesNotMatch");
    assert_contains(&with("AKIAANOTHER", secret, "us-east-1"), "InvalidClientTokenId");
}

#[test]
#[ignore = "needs tests/real/setup"]
fn a_role_that_a_profile_names_is_taken_and_signed_with() {
    let machine = Machine::new(
        "[profile bench]\nrole_arn = arn:aws:iam::123456789012:role/bench\nsource_profile = user\n\
        [profile unknown]\nrole_arn = arn:aws:iam::123456789012:role/bench\nsource_profile = wrong\n\
        [profile user]\naws_access_key_id = ID\naws_secret_access_key = SECRET\n\
        [profile wrong]\naws_access_key_id = ID\naws_secret_access_key = another\n",
    );
    assert_contains(&machine.complaint(&["--aws-profile", "user"]), LET_IN);
    assert_contains(&machine.complaint(&["--aws-profile", "wrong"]), "SignatureDoesNotMatch");
    assert_contains(&machine.complaint(&["--aws-profile", "bench"]), LET_IN);
    let said = machine.complaint(&["--aws-profile", "unknown"]);
    assert_contains(&said, "no credentials from AWS: the profile 'unknown'");
}
