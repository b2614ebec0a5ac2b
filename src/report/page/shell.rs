//! Builds the frame of every page: one self-contained HTML file around a heading and its content.

use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");

/// No script, font or picture from elsewhere: a browser refuses what is not in the page itself.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The texts around a page's content.
pub(in crate::report) struct Shell<'a> {
    /// The text of the browser's tab.
    pub(in crate::report) title: &'a str,
    /// The main heading.
    pub(in crate::report) heading: &'a str,
    /// The line below the heading.
    pub(in crate::report) of: &'a str,
    /// What the page was made from, for the footer.
    pub(in crate::report) from: &'a str,
}

impl Shell<'_> {
    /// Builds the page around `inside`.
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
                    // An empty icon, so that no browser requests one.
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
