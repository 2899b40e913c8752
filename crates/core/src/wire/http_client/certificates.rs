//! Which certificates are trusted: the system's, Mozilla's for images that have none, and those
//! that the program names; and what this side shows.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls_platform_verifier::Verifier;

use super::ClientCertificate;

/// What this side shows of itself.
type Client = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Reads what this side shows of itself.
pub(super) fn client(pem: &ClientCertificate) -> Result<Client, pem::Error> {
    let chain = CertificateDer::pem_slice_iter(pem.chain.as_bytes()).collect::<Result<_, _>>()?;
    Ok((chain, PrivateKeyDer::from_pem_slice(pem.key.as_bytes())?))
}

/// Reads certificates of authorities.
pub(super) fn authorities(pem: &str) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect()
}

/// Whether these can be trusted: each has to be a certificate.
pub(super) fn check(authorities: Vec<CertificateDer<'static>>) -> Result<(), Error> {
    let mut store = RootCertStore::empty();
    authorities.into_iter().try_for_each(|authority| store.add(authority))
}

/// A TLS configuration that trusts `extra` as well, or anybody, and shows `client` where it is
/// asked to.
pub(super) fn config(
    extra: Vec<CertificateDer<'static>>,
    accept_invalid: bool,
    client: Option<Client>,
) -> Result<ClientConfig, Error> {
    let crypto = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&crypto))
        .with_safe_default_protocol_versions()?
        .dangerous();
    let builder = if accept_invalid {
        builder.with_custom_certificate_verifier(Arc::new(AcceptAny(crypto)))
    } else {
        let mozilla = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned();
        let verifier = Verifier::new_with_extra_roots(mozilla.chain(extra), crypto)?;
        builder.with_custom_certificate_verifier(Arc::new(verifier))
    };
    match client {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key),
        None => Ok(builder.with_no_client_auth()),
    }
}

/// What `NODE_TLS_REJECT_UNAUTHORIZED=0` asks for.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let supported = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, supported)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let supported = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, supported)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
