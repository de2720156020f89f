//! The subject of an X.509 certificate.

use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{self, Decode, Reader, SliceReader, Tag, Tagged};

/// The tag of the version, which certificates of version 1 leave out.
const VERSION: Tag = Tag::ContextSpecific { constructed: true, number: der::TagNumber(0) };
/// The index of the subject behind the version: after the serial number, the algorithm, the issuer and the validity.
const SUBJECT: usize = 4;

/// Returns the text attributes of the subject of `certificate`, which is in DER.
///
/// The certificate is not verified: it comes from the machine's own metadata service.
///
/// # Errors
///
/// Returns an error when `certificate` is no certificate.
pub(super) fn subject_values(certificate: &[u8]) -> der::Result<Vec<&str>> {
    let signed = elements(AnyRef::from_der(certificate)?.value())?;
    let body = elements(signed.first().ok_or_else(incomplete)?.value())?;
    let has_version = body.first().is_some_and(|element| element.tag() == VERSION);
    let subject = body.get(SUBJECT + usize::from(has_version)).ok_or_else(incomplete)?;
    let mut values = Vec::new();
    for name in elements(subject.value())? {
        for attribute in elements(name.value())? {
            // Its type and its value.
            let value = elements(attribute.value())?.get(1).map(|element| element.value());
            values.extend(value.and_then(|text| std::str::from_utf8(text).ok()));
        }
    }
    Ok(values)
}

/// Returns the consecutive elements of `content`.
fn elements(content: &[u8]) -> der::Result<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(content)?;
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(AnyRef::decode(&mut reader)?);
    }
    Ok(elements)
}

fn incomplete() -> der::Error {
    der::ErrorKind::Failed.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a DER element.
    fn element(tag: u8, content: &[&[u8]]) -> Vec<u8> {
        let content = content.concat();
        let length = u8::try_from(content.len()).expect("a short element");
        assert!(length < 128, "a length in one byte");
        [&[tag, length], &*content].concat()
    }

    fn attribute(value: &[u8]) -> Vec<u8> {
        let kind = element(0x06, &[&[85, 4, 11]]);
        element(0x31, &[&element(0x30, &[&kind, value])])
    }

    /// Returns a certificate with this version and these attributes in its subject; all other fields are placeholders.
    fn certificate(version: &[u8], attributes: &[Vec<u8>]) -> Vec<u8> {
        let (serial, empty) = (element(0x02, &[&[1]]), element(0x30, &[]));
        let attributes: Vec<&[u8]> = attributes.iter().map(Vec::as_slice).collect();
        let subject = element(0x30, &attributes);
        let body = element(0x30, &[version, &serial, &empty, &empty, &empty, &subject, &empty]);
        element(0x30, &[&body, &empty, &element(0x03, &[&[0]])])
    }

    #[test]
    fn subject_values_are_read_in_order() {
        let attributes = [attribute(&element(0x0c, &[b"one"])), attribute(&element(0x13, &[b"two"]))];
        let version = element(0xa0, &[&element(0x02, &[&[2]])]);
        assert_eq!(subject_values(&certificate(&version, &attributes)).unwrap(), ["one", "two"]);
        assert_eq!(subject_values(&certificate(&[], &attributes)).unwrap(), ["one", "two"]);
    }

    #[test]
    fn values_that_are_no_text_are_left_out() {
        let attributes = [attribute(&element(0x04, &[&[0xff]])), attribute(&element(0x0c, &[b"two"]))];
        assert_eq!(subject_values(&certificate(&[], &attributes)).unwrap(), ["two"]);
    }

    #[test]
    fn every_cut_certificate_is_an_error() {
        let whole = certificate(&[], &[attribute(&element(0x0c, &[b"one"]))]);
        for length in 0..whole.len() {
            assert!(subject_values(&whole[..length]).is_err(), "{length} bytes");
        }
        assert!(subject_values(&[&*whole, &[0]].concat()).is_err());
        assert!(subject_values(&element(0x30, &[])).is_err());
    }
}
