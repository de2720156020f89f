//! The built command and OCI: each backend, each task, each authentication method. Oracle's own SDK verifies every
//! signature, and nothing that signs is in anything that is printed or written.

use crate::oci_server::OciServer;
use crate::provider_run::ProviderRun;

/// An authentication method.
struct Way {
    name: &'static str,
    said: Vec<String>,
    variables: Vec<(&'static str, String)>,
}

/// A task, its shape, and what is said beside it.
type Work = (&'static str, &'static str, &'static [&'static str]);

const TEXT: Work = ("text-to-text", "D(5,5)", &[]);
const PICTURE: Work = ("image-text-to-text", "I(64,48)/(5,5)", &["--distinct-media", "2"]);
// The server has one answer to each, about two texts.
const TWO: &[&str] = &["--batch-size", "2", "--skip-preflight"];
const BACKENDS: &[(&str, &[Work])] = &[
    ("oci-genai", &[TEXT, PICTURE]),
    ("oci-cohere", &[TEXT, ("text-to-embeddings", "E(30)", TWO), ("text-to-rerank", "R(30,10)", TWO)]),
    ("oci-cohere-v2", &[TEXT, PICTURE]),
    ("oci-openai", &[TEXT, PICTURE]),
];

const TENANCY: &str = "ocid1.tenancy.oc1..aaaatenancy";

fn ways(server: &OciServer) -> Vec<Way> {
    let of = |name, said: &[&str], variables: &[(&'static str, &str)]| Way {
        name,
        said: said.iter().map(|&it| it.to_owned()).collect(),
        variables: variables.iter().map(|it| (it.0, it.1.to_owned())).collect(),
    };
    let config = server.file("config");
    let profile = |name| ["--config-file", &config, "--profile", name].map(str::to_owned).to_vec();
    let of_profile = |name, profile_name| Way { said: profile(profile_name), ..of(name, &[], &[]) };
    let read = |name: &str| std::fs::read_to_string(server.file(name)).expect("the server has written it");
    vec![
        of_profile("user principal", "DEFAULT"),
        of_profile("user principal with a pass phrase", "HIDDEN"),
        of_profile("session token", "SESSION"),
        of("instance principal", &["--auth", "instance_principal"], &[]),
        of(
            "delegation token",
            &["--auth", "instance_obo_user", "--security-token", "obo-do-not-show-1"],
            &[],
        ),
        of(
            "resource principal",
            &["--auth", "resource_principal"],
            &[
                ("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2"),
                ("OCI_RESOURCE_PRINCIPAL_RPST", &read("rpst")),
                ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", &read("rp.pem")),
                ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM_PASSPHRASE", &read("pass")),
            ],
        ),
        of(
            "OKE workload identity",
            &["--auth", "oke_workload_identity"],
            &[
                ("KUBERNETES_SERVICE_HOST", "127.0.0.1"),
                ("OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH", &server.file("ca.crt")),
                ("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH", &server.file("account")),
            ],
        ),
    ]
}

/// Every line of what signs, and what it is hidden by.
fn secrets(server: &OciServer) -> Vec<String> {
    let files = [
        "user.pem",
        "hidden.pem",
        "session.pem",
        "session",
        "rp.pem",
        "rpst",
        "pass",
        "account",
        "delegation",
    ];
    let texts = files.map(|it| std::fs::read_to_string(server.file(it)).expect("the server has written it"));
    let lines = texts.iter().flat_map(|it| it.lines()).filter(|it| it.len() > 8 && !it.starts_with("--"));
    let known = ["OCI_API_KEY"];
    lines
        .filter(|it| !known.contains(it))
        .map(str::to_owned)
        .chain(["obo-do-not-show-1".to_owned()])
        .collect()
}

fn run(server: &OciServer, way: &Way, backend: &str, (task, scenario, more): Work) {
    let said: Vec<&str> = way.said.iter().map(String::as_str).collect();
    let run = ProviderRun::of(backend, &server.url).said(&said).said(more).task(task, scenario);
    let run = run.said(&["--oci-compartment-id", TENANCY]);
    let metadata = format!("{}/opc/v2", server.url);
    let run = run.with_variable("OCI_METADATA_BASE_URL", &metadata);
    let run = run.with_variable("OCI_CLI_FEDERATION_ENDPOINT", &format!("{}/v1/x509", server.url));
    let run = way.variables.iter().fold(run, |run, (name, value)| run.with_variable(name, value)).run();
    run.answered_all();
    let secrets = secrets(server);
    run.shows_none_of(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
    println!("{backend}, {task}, {}: 20 done, 0 failed", way.name);
}

#[test]
#[ignore = "needs tests/real/setup"]
fn every_backend_and_task_as_a_user() {
    let server = OciServer::start();
    let user = &ways(&server)[0];
    for (backend, work) in BACKENDS {
        work.iter().for_each(|it| run(&server, user, backend, *it));
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn every_way_in_which_oci_knows_us() {
    let server = OciServer::start();
    for way in ways(&server).iter().skip(1) {
        run(&server, way, "oci-genai", TEXT);
    }
}
