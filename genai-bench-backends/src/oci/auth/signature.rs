//! The content and the form of OCI's request signatures.
//!
//! `Signature` of draft-cavage-http-signatures, version 1, as OCI's "Request Signatures" specifies.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HOST, HeaderName};
use http::{HeaderValue, Method};
use url::Url;

use crate::auth::body_hash::BodyHash;

const BODY_SUM: HeaderName = HeaderName::from_static("x-content-sha256");
/// The header with the token of the user for whom a request is sent.
pub(super) const ON_BEHALF_OF: HeaderName = HeaderName::from_static("opc-obo-token");

/// A marker in a request's [extensions](http::Extensions): the signature does not cover the body.
///
/// Object Storage requires this for `PutObject` and `UploadPart` only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodyUnsigned;

/// The coverage of the host: covered in every request except those for a token in exchange for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    Signed,
    Unsigned,
}

/// A request with every header that its signature covers.
pub(super) struct Draft {
    /// The text to sign.
    pub(super) text: String,
    /// The names of the covered headers, in order.
    headers: String,
}

impl Draft {
    /// Adds the required headers to `request`: the date, the host, and the length and checksum of a body.
    pub(super) fn new(
        request: &mut http::Request<Bytes>,
        date: SystemTime,
        host: Host,
    ) -> Result<Self, Unsignable> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| Unsignable::Address)?;
        let covers_body = covers_body(request);
        let date = header_value(httpdate::fmt_http_date(date))?;
        request.headers_mut().insert(DATE, date);
        if !request.headers().contains_key(HOST) {
            request.headers_mut().insert(HOST, header_value(authority(&url)?)?);
        }
        if covers_body {
            describe_body(request)?;
        }
        let mut covered = vec![DATE];
        covered.extend((host == Host::Signed).then_some(HOST));
        covered.extend(request.headers().contains_key(&ON_BEHALF_OF).then_some(ON_BEHALF_OF));
        if covers_body {
            covered.extend([CONTENT_LENGTH, CONTENT_TYPE, BODY_SUM]);
        }
        Self::written(request, &url, &covered)
    }

    fn written(
        request: &http::Request<Bytes>,
        url: &Url,
        covered: &[HeaderName],
    ) -> Result<Self, Unsignable> {
        let mut names: Vec<&str> = Vec::with_capacity(covered.len() + 1);
        let mut lines = Vec::with_capacity(covered.len() + 1);
        for name in covered {
            let value = request.headers().get(name).and_then(|it| it.to_str().ok());
            let value = value.ok_or_else(|| Unsignable::Header(name.clone()))?;
            names.push(name.as_str());
            lines.push(format!("{name}: {value}"));
            if *name == DATE {
                names.push("(request-target)");
                lines.push(format!("(request-target): {}", target(request.method(), url)));
            }
        }
        Ok(Self { text: lines.join("\n"), headers: names.join(" ") })
    }

    /// Returns the request with the `signature` of its text.
    pub(super) fn signed(
        &self,
        request: &mut http::Request<Bytes>,
        key_id: &str,
        signature: &str,
    ) -> Result<(), Unsignable> {
        let headers = &self.headers;
        let value = format!(
            r#"Signature algorithm="rsa-sha256",headers="{headers}",keyId="{key_id}",signature="{signature}",version="1""#
        );
        let mut value = HeaderValue::try_from(value).map_err(|_| Unsignable::Header(AUTHORIZATION))?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }
}

fn header_value(text: String) -> Result<HeaderValue, Unsignable> {
    HeaderValue::try_from(text).map_err(|_| Unsignable::Address)
}

/// Returns `true` if the signature of `request` covers its body.
pub(super) fn covers_body(request: &http::Request<Bytes>) -> bool {
    [Method::POST, Method::PUT, Method::PATCH].contains(request.method())
        && request.extensions().get::<BodyUnsigned>().is_none()
}

fn describe_body(request: &mut http::Request<Bytes>) -> Result<(), Unsignable> {
    let sum = STANDARD.encode(BodyHash::sha256_of(request));
    let length = request.body().len();
    let headers = request.headers_mut();
    headers.insert(BODY_SUM, header_value(sum)?);
    headers.insert(CONTENT_LENGTH, length.into());
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    Ok(())
}

/// Returns the host as it is sent: with its port unless that is the default.
fn authority(url: &Url) -> Result<String, Unsignable> {
    let host = url.host_str().ok_or(Unsignable::Address)?;
    Ok(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

fn target(method: &Method, url: &Url) -> String {
    let (method, path) = (method.as_str().to_ascii_lowercase(), url.path());
    url.query().map_or_else(|| format!("{method} {path}"), |query| format!("{method} {path}?{query}"))
}

/// The reason why a request cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unsignable {
    #[error("the address of the request is no URL with a host")]
    Address,
    #[error("the header {0} is no plain text")]
    Header(HeaderName),
    #[error("the key cannot sign: {0}")]
    Key(String),
}

#[cfg(test)]
mod tests;
