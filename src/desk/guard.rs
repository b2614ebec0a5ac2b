//! Refuses requests that do not come from the page itself: other hosts, other origins, other users of the machine.

use std::os::unix::fs::PermissionsExt;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};

use super::error::DeskError;
use crate::job::Job;
use crate::text::shown;

/// What a request has to say to be answered at all.
pub(super) struct Guard {
    /// The hosts under which the page is known, each with its origin. The first is the one that addresses have.
    origins: Vec<(String, String)>,
    proxy: Option<Proxy>,
}

/// The department's own proxy, which names reviewers.
struct Proxy {
    header: HeaderName,
    secret: blake3::Hash,
}

/// The header in which the proxy sends the secret.
const SECRET: HeaderName = HeaderName::from_static("flagmatch-proxy-secret");

/// The cookie's name.
const COOKIE_NAME: &str = "flagmatch-review";

/// Nothing inline, nothing from elsewhere, in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of every answer. The referrer policy lets forms name their origin, which `no-referrer` would not.
const HEADERS: [(&str, &str); 9] = [
    ("content-security-policy", POLICY),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), clipboard-read=(), display-capture=()"),
    ("x-robots-tag", "noindex"),
];

impl Guard {
    pub(super) fn new(job: &Job, port: u16) -> Result<Guard, DeskError> {
        let mut origins: Vec<(String, String)> = Vec::new();
        if let Some(origin) = &job.review.origin {
            origins.push((origin.trim_start_matches("https://").to_owned(), origin.clone()));
        }
        origins
            .extend(["127.0.0.1", "localhost"].map(|host| (format!("{host}:{port}"), format!("http://{host}:{port}"))));
        let proxy = match (&job.review.identity_header, &job.review.proxy_secret) {
            (None, _) => None,
            (Some(header), Some(file)) if job.review.origin.is_some() => {
                let secret = std::fs::read_to_string(file).map_err(DeskError::io(file))?;
                let unusable = |reason| DeskError::Unusable { file: file.clone(), reason };
                let mode = std::fs::metadata(file).map_err(DeskError::io(file))?.permissions().mode();
                if mode & 0o077 != 0 {
                    return Err(unusable("the proxy's secret is readable by others than its owner: chmod 600"));
                }
                if secret.trim().len() < 16 {
                    return Err(unusable("the proxy's secret has to be at least 16 letters on one line"));
                }
                let header = header.parse().map_err(|_| unusable("identity_header is not the name of a header"))?;
                tracing::info!(file = %shown(file), "the proxy that knows this secret names the reviewers");
                Some(Proxy { header, secret: blake3::hash(secret.trim().as_bytes()) })
            }
            (Some(_), _) => return Err(DeskError::Proxy),
        };
        Ok(Guard { origins, proxy })
    }

    /// The origin that printed addresses have.
    pub(super) fn origin(&self) -> &str {
        &self.origins[0].1
    }

    /// Whether reviewers come through a proxy that names them.
    pub(super) fn has_proxy(&self) -> bool {
        self.proxy.is_some()
    }

    /// The reviewer whom the proxy names; `None` without a proxy, and if the request does not know its secret.
    pub(super) fn named_by_proxy(&self, headers: &HeaderMap) -> Option<String> {
        let proxy = self.proxy.as_ref()?;
        let secret = only(headers, &SECRET)?;
        // Sums of BLAKE3 are compared in constant time.
        if blake3::hash(secret.as_bytes()) != proxy.secret {
            return None;
        }
        let name = only(headers, &proxy.header)?;
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "._-@".contains(letter);
        (!name.is_empty() && name.len() <= 64 && name.chars().all(fits)).then(|| name.to_owned())
    }

    /// Why a request is refused before anything is looked at; `None` if it is not.
    pub(super) fn refusal(&self, request: &Request<Body>) -> Option<(StatusCode, &'static str)> {
        let headers = request.headers();
        // A page elsewhere whose name leads to this machine would send its own name.
        let known = only(headers, &HOST).and_then(|host| self.origins.iter().find(|(own, _)| own == host));
        let Some((_, origin)) = known else {
            return Some((StatusCode::MISDIRECTED_REQUEST, "This page is not known under that name."));
        };
        let is_form = match *request.method() {
            Method::GET | Method::HEAD => false,
            Method::POST => true,
            _ => return Some((StatusCode::METHOD_NOT_ALLOWED, "This page knows GET and POST alone.")),
        };
        let stated = headers.get_all(ORIGIN).iter().count();
        let is_own = only(headers, &ORIGIN).is_some_and(|stated| stated == origin);
        if (is_form || stated > 0) && !is_own {
            return Some((StatusCode::FORBIDDEN, "This request comes from another page."));
        }
        let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        let from_here = match site {
            None | Some(b"same-origin") => true,
            Some(b"none") => !is_form,
            _ => false,
        };
        (!from_here)
            .then_some((StatusCode::FORBIDDEN, "This request comes from another page. Open the address by hand."))
    }

    /// The header that gives a browser its cookie.
    pub(super) fn cookie(&self, base: &str, value: &str) -> String {
        let secure = if self.origin().starts_with("https://") { "; Secure" } else { "" };
        format!("{COOKIE_NAME}={value}; Path={base}; HttpOnly; SameSite=Strict{secure}")
    }
}

/// The value of a header that is there once, as text.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?;
    if all.next().is_some() { None } else { first.to_str().ok() }
}

/// The value of our cookie.
pub(super) fn cookie_of(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    let mut own = all.filter_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='));
    let first = own.next()?;
    if own.next().is_some() { None } else { Some(first) }
}

/// Adds the headers that every answer has.
pub(super) fn sealed(mut response: Response<Body>) -> Response<Body> {
    for (name, value) in HEADERS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    debug_assert!(response.headers().contains_key(CACHE_CONTROL));
    response
}

/// An answer of plain text.
pub(super) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        let own = |host: &str, origin: &str| (host.to_owned(), origin.to_owned());
        Guard {
            origins: vec![
                own("127.0.0.1:8417", "http://127.0.0.1:8417"),
                own("localhost:8417", "http://localhost:8417"),
            ],
            proxy: Some(Proxy {
                header: HeaderName::from_static("remote-user"),
                secret: blake3::hash(b"wind-and-rain-99"),
            }),
        }
    }

    #[test]
    fn only_the_page_itself_is_answered() {
        let own = "http://127.0.0.1:8417";
        for (method, headers, is_answered) in [
            ("GET", &[("host", "127.0.0.1:8417")][..], true),
            ("GET", &[("host", "localhost:8417"), ("sec-fetch-site", "none")], true),
            ("GET", &[], false),
            ("GET", &[("host", "127.0.0.1")], false),
            ("GET", &[("host", "evil.example:8417")], false),
            ("GET", &[("host", "127.0.0.1:8417"), ("host", "127.0.0.1:8417")], false),
            ("GET", &[("host", "127.0.0.1:8417"), ("sec-fetch-site", "cross-site")], false),
            ("GET", &[("host", "127.0.0.1:8417"), ("sec-fetch-site", "same-site")], false),
            ("GET", &[("host", "127.0.0.1:8417"), ("origin", "http://evil.example")], false),
            ("POST", &[("host", "127.0.0.1:8417"), ("origin", own)], true),
            ("POST", &[("host", "127.0.0.1:8417"), ("origin", own), ("sec-fetch-site", "same-origin")], true),
            ("POST", &[("host", "127.0.0.1:8417")], false),
            ("POST", &[("host", "127.0.0.1:8417"), ("origin", "null")], false),
            ("POST", &[("host", "127.0.0.1:8417"), ("origin", "http://127.0.0.1:9000")], false),
            ("POST", &[("host", "localhost:8417"), ("origin", own)], false),
            ("POST", &[("host", "127.0.0.1:8417"), ("origin", own), ("origin", own)], false),
            ("POST", &[("host", "127.0.0.1:8417"), ("origin", own), ("sec-fetch-site", "none")], false),
            ("PUT", &[("host", "127.0.0.1:8417"), ("origin", own)], false),
            ("OPTIONS", &[("host", "127.0.0.1:8417"), ("origin", own)], false),
        ] {
            let request = headers
                .iter()
                .fold(Request::builder().method(method), |request, (name, value)| request.header(*name, *value));
            let refusal = guard().refusal(&request.body(Body::empty()).unwrap());
            assert_eq!(refusal.is_none(), is_answered, "{method} {headers:?}");
        }
    }

    #[test]
    fn a_name_is_trusted_from_who_knows_the_secret() {
        let named = |headers: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, value.parse().unwrap());
            }
            guard().named_by_proxy(&map)
        };
        let secret = ("flagmatch-proxy-secret", "wind-and-rain-99");
        assert_eq!(named(&[secret, ("remote-user", "amy")]).as_deref(), Some("amy"));
        for headers in [
            &[("remote-user", "amy")][..],
            &[("flagmatch-proxy-secret", "wind-and-rain-98"), ("remote-user", "amy")],
            &[secret],
            &[secret, ("remote-user", "amy"), ("remote-user", "bob")],
            &[secret, secret, ("remote-user", "amy")],
            &[secret, ("remote-user", "")],
            &[secret, ("remote-user", "=cmd()")],
        ] {
            assert_eq!(named(headers), None, "{headers:?}");
        }
    }

    #[test]
    fn a_cookie_is_read_if_there_is_one() {
        let of = |lines: &[&str]| {
            let mut map = HeaderMap::new();
            for line in lines {
                map.append(COOKIE, line.parse().unwrap());
            }
            cookie_of(&map).map(str::to_owned)
        };
        assert_eq!(of(&["a=1; flagmatch-review=x"]).as_deref(), Some("x"));
        assert_eq!(of(&["flagmatch-reviewer=x"]), None);
        assert_eq!(of(&["flagmatch-review=x", "flagmatch-review=y"]), None);
        assert_eq!(of(&[]), None);
    }
}
