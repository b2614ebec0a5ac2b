//! Declares the values of a column that has few: each with the word that stands for it in the file.

/// Declares an enumeration that is a [`Cell`](super::table::Cell). After `or` stands the word of older versions.
macro_rules! values {
    (
        $(#[$doc:meta])* $vis:vis enum $name:ident {
            $($(#[$value_doc:meta])* $value:ident = $word:literal $(or $older:literal)?,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis enum $name { $($(#[$value_doc])* $value,)+ }

        impl $name {
            /// The word that stands for it in files.
            $vis fn as_str(self) -> &'static str {
                match self { $($name::$value => $word,)+ }
            }
        }

        impl $crate::release::table::Cell<'_> for $name {
            const KIND: $crate::release::schema::Kind = $crate::release::schema::Kind::OneOf(&[$($word,)+]);

            fn write(&self) -> std::borrow::Cow<'_, str> {
                std::borrow::Cow::Borrowed(self.as_str())
            }

            fn append(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.as_str().as_bytes());
            }

            fn read(text: &str) -> Option<$name> {
                match text {
                    $($word $(| $older)? => Some($name::$value),)+
                    _ => None,
                }
            }
        }
    };
}

pub(super) use values;
