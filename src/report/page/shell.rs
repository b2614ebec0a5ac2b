//! What every page has around its figures: in go a heading and what stands under it, out comes one HTML
//! file that needs nothing beside it.

use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");

/// No script, no font and no picture from anywhere else: a browser refuses what is not in the page itself.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// A page before it is written.
pub(in crate::report) struct Shell<'a> {
    /// What a browser's tab says.
    pub(in crate::report) title: &'a str,
    /// What the page is about.
    pub(in crate::report) heading: &'a str,
    /// Of what or when it is.
    pub(in crate::report) of: &'a str,
    /// What it was made from.
    pub(in crate::report) from: &'a str,
}

impl Shell<'_> {
    /// The page with its contents.
    pub(in crate::report) fn around(&self, inside: &Markup) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en-GB" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="referrer" content="no-referrer";
                    title { (self.title) }
                    // An icon of its own, so that no browser asks for one.
                    link rel="icon" href="data:,";
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a class="skip" href="#main" { "Skip to the figures" }
                    header {
                        div class="inside" {
                            p class="name" { "flagmatch" }
                            h1 { (self.heading) }
                            p class="of" { (self.of) }
                        }
                    }
                    main id="main" class="inside" tabindex="-1" { (inside) }
                    footer {
                        div class="inside" { p { (self.from) " This page asks nothing of any network." } }
                    }
                }
            }
        };
        page.into_string()
    }
}
