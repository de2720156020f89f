//! The HTTP client of AWS's own libraries, on top of the one that this crate depends on anyway.

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

/// An HTTP client for the few calls with which AWS's libraries fetch credentials.
///
/// It follows no redirect, and uses the proxy of the environment. The default client of these libraries does
/// the same, but adds HTTP/2 and a second reader of the system's certificates to the build.
#[derive(Clone, Debug, Default)]
pub(super) struct AwsHttpClient {
    /// The connectors created so far: creating one reads the certificates that the system trusts.
    connectors: Arc<Mutex<HashMap<Timeouts, SharedHttpConnector>>>,
}

/// The timeout of connecting, and the timeout from the request to its response.
type Timeouts = (Option<Duration>, Option<Duration>);

impl HttpClient for AwsHttpClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.connector((settings.connect_timeout(), settings.read_timeout()))
    }
}

impl AwsHttpClient {
    fn connector(&self, timeouts: Timeouts) -> SharedHttpConnector {
        // A panic while one connector is created leaves the others intact.
        let mut connectors = self.connectors.lock().unwrap_or_else(PoisonError::into_inner);
        let connector = connectors.entry(timeouts);
        connector.or_insert_with(|| SharedHttpConnector::new(Connector::new(timeouts))).clone()
    }
}

/// A connector with the timeouts of its client.
#[derive(Debug)]
struct Connector(Result<reqwest::Client, Arc<reqwest::Error>>);

impl Connector {
    fn new((connect, read): Timeouts) -> Self {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // AWS's libraries expect a new connection when a request is retried, and minutes pass between
            // calls.
            .pool_max_idle_per_host(0);
        let builder = connect.into_iter().fold(builder, reqwest::ClientBuilder::connect_timeout);
        let builder = read.into_iter().fold(builder, reqwest::ClientBuilder::read_timeout);
        Self(builder.build().map_err(Arc::new))
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = match &self.0 {
            Ok(client) => client.clone(),
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(Arc::clone(error).into())));
            }
        };
        HttpConnectorFuture::new(send(client, request))
    }
}

async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (head, body) = request.into_parts();
    let Some(body) = body.bytes() else {
        return Err(ConnectorError::user(
            "a request for credentials has a body that is not in memory".into(),
        ));
    };
    let request = http::Request::from_parts(head, Bytes::copy_from_slice(body));
    let request = reqwest::Request::try_from(request).map_err(|error| ConnectorError::user(error.into()))?;
    let response = client.execute(request).await.map_err(connector_error)?;
    let response = http::Response::from(response).map(SdkBody::from_body_1_x);
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}

/// Classifies `error`: by its kind AWS's libraries decide whether the request is retried.
fn connector_error(error: reqwest::Error) -> ConnectorError {
    let error = error.without_url();
    let classified = if error.is_timeout() {
        ConnectorError::timeout
    } else if error.is_connect() || has_io_error(&error) || has_closed_connection(&error) {
        ConnectorError::io
    } else {
        |source| ConnectorError::other(source, None)
    };
    classified(error.into())
}

/// Returns `true` if `error` comes from the operating system's networking.
fn has_io_error(error: &reqwest::Error) -> bool {
    sources(error).any(|cause| cause.downcast_ref::<io::Error>().is_some())
}

/// Returns `true` if the server closed the connection before its response was complete.
fn has_closed_connection(error: &reqwest::Error) -> bool {
    sources(error)
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(|cause| cause.is_closed() || cause.is_canceled() || cause.is_incomplete_message())
}

/// Returns the errors that led to `error`, the nearest first.
fn sources<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const PATIENT: Timeouts = (Some(Duration::from_secs(60)), Some(Duration::from_secs(60)));

    /// Sends a request to a server that reads it, writes `answer` and closes the connection. Returns the result of the call,
    /// and the request as the server read it.
    async fn call(
        timeouts: Timeouts,
        answer: &'static str,
    ) -> (Result<HttpResponse, ConnectorError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut received = Vec::new();
            while !received.ends_with(b"Action=AssumeRole") {
                assert_ne!(stream.read_buf(&mut received).await.unwrap(), 0, "the request is not complete");
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(received).unwrap()
        });
        let request = http::Request::post(format!("http://{address}/role?a=b"))
            .header("x-amz-date", "today")
            .body(SdkBody::from("Action=AssumeRole"))
            .unwrap();
        let answer = Connector::new(timeouts).call(HttpRequest::try_from(request).unwrap()).await;
        (answer, server.await.unwrap())
    }

    #[tokio::test]
    async fn request_and_response_are_passed_on_unchanged() {
        let answer = "HTTP/1.1 403 Forbidden\r\nx-amzn-requestid: 7\r\ncontent-length: 5\r\n\r\n<no/>";
        let (response, received) = call(PATIENT, answer).await;
        assert!(received.starts_with("POST /role?a=b HTTP/1.1\r\n"), "{received}");
        assert!(received.contains("x-amz-date: today\r\n"), "{received}");
        let response = response.unwrap();
        assert_eq!(response.status().as_u16(), 403);
        assert_eq!(response.headers().get("x-amzn-requestid"), Some("7"));
        let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
        assert_eq!(body, "<no/>");
    }

    #[tokio::test]
    async fn redirects_are_not_followed() {
        let answer = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(call(PATIENT, answer).await.0.unwrap().status().as_u16(), 302);
    }

    #[tokio::test]
    async fn a_silent_server_causes_a_timeout() {
        let timeouts = (None, Some(Duration::from_millis(20)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let request = HttpRequest::get(format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let error = Connector::new(timeouts).call(request).await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
    }

    #[tokio::test]
    async fn closed_and_refused_connections_are_io_errors() {
        let (closed, _) = call(PATIENT, "HTTP/1.1 200 OK\r\n").await;
        assert!(closed.as_ref().is_err_and(ConnectorError::is_io), "{closed:?}");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let request = HttpRequest::get(format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        drop(listener);
        let refused = Connector::new(PATIENT).call(request).await;
        assert!(refused.as_ref().is_err_and(ConnectorError::is_io), "{refused:?}");
    }

    #[test]
    fn each_pair_of_timeouts_has_one_connector() {
        let client = AwsHttpClient::default();
        for seconds in [1, 1, 2] {
            client.clone().connector((Some(Duration::from_secs(seconds)), None));
        }
        assert_eq!(client.connectors.lock().unwrap().len(), 2);
    }
}
