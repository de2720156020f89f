//! What we sign, checked by moto, which computes every signature again and asks who may do what.
//!
//! Its Bedrock answers any model with an empty object, which is no embedding: who has got as far as that complaint
//! was let in.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::command::genai_bench;
use crate::moto_server::MotoServer;

const LET_IN: &str = "0 embeddings instead of 1";

/// Somebody's machine, with this profile in their files.
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

    /// What the command complains of, when it asks for an embedding with these options.
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

/// Asserts that `said` has `hint` in it.
fn says(said: &str, hint: &str) {
    assert!(said.contains(hint), "'{hint}' is not in: {said}");
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
    says(&with(id, secret, "us-east-1"), LET_IN);
    says(&with(id, secret, "eu-west-3"), LET_IN);
    says(&with(id, "another", "us-east-1"), "SignatureDoesNotMatch");
    says(&with("AKIAANOTHER", secret, "us-east-1"), "InvalidClientTokenId");
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
    says(&machine.complaint(&["--aws-profile", "user"]), LET_IN);
    says(&machine.complaint(&["--aws-profile", "wrong"]), "SignatureDoesNotMatch");
    says(&machine.complaint(&["--aws-profile", "bench"]), LET_IN);
    let said = machine.complaint(&["--aws-profile", "unknown"]);
    says(&said, "no credentials from AWS: the profile 'unknown'");
}
