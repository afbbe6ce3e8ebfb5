//! Reading a page: is it well formed, does it have what every page must have, and what stands in its forms.
//!
//! Not a browser's parser: it refuses what a browser would repair.

const VOID: [&str; 9] = ["meta", "link", "input", "br", "hr", "img", "source", "wbr", "col"];

/// What is wrong with a page; empty when nothing is.
pub fn faults(page: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let Some(body) = page.trim_start().strip_prefix("<!doctype html>") else {
        return vec!["no doctype".to_owned()];
    };
    let mut rest = body;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let Some(end) = tag_end(rest) else {
            faults.push(format!("a tag never ends: {}", &rest[..rest.len().min(60)]));
            break;
        };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            match open.pop() {
                Some(last) if last == name.trim() => {}
                other => faults.push(format!("</{name}> closes {other:?}")),
            }
            continue;
        }
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
        if name.is_empty() {
            faults.push(format!("a bare < before {}", tag.chars().take(30).collect::<String>()));
        }
        if tag.contains(" style=") || tag.contains(" onclick=") {
            faults.push(format!("inline style or script in <{tag}>"));
        }
        if (name == "script" || name == "style") && !tag.contains("src=") {
            faults.push(format!("inline <{name}>"));
        }
        if !VOID.contains(&name.as_str()) && !tag.ends_with('/') {
            open.push(name);
        }
    }
    faults.extend(open.iter().map(|name| format!("<{name}> is never closed")));
    faults.extend(missing(page));
    faults
}

fn tag_end(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == '>' && !quoted).then_some(at)
    })
}

fn missing(page: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (what, mark, n) in [
        ("lang", "<html lang=\"en\"", 1),
        ("title", "<title>", 1),
        ("h1", "<h1", 1),
        ("main landmark", "<main", 1),
        ("help panel", "<details id=\"help\"", 1),
    ] {
        let found = page.matches(mark).count();
        if found != n {
            faults.push(format!("{found} of: {what}"));
        }
    }
    if !page.contains("988") || !page.contains("href=\"/help\"") {
        faults.push("no crisis resources".to_owned());
    }
    let ids: Vec<_> =
        page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    if unique.len() != ids.len() {
        faults.push(format!("an id stands twice: {ids:?}"));
    }
    faults
}

/// The value of the first hidden field of that name in the page's main part; the header's forms do not count.
pub fn hidden(page: &str, name: &str) -> Option<String> {
    let main = page.find("<main").map_or(page, |at| &page[at..]);
    let mark = format!("name=\"{name}\" value=\"");
    let from = main.find(&mark)? + mark.len();
    main[from..].split('"').next().map(str::to_owned)
}

/// The text of the first element that opens with `mark`, up to the next tag.
pub fn text_after<'a>(page: &'a str, mark: &str) -> Option<&'a str> {
    let from = page.find(mark)? + mark.len();
    page[from..].split('<').next().map(str::trim)
}

#[test]
fn the_reader_of_pages_sees_what_is_wrong() {
    let good = "<!doctype html><html lang=\"en\"><head><title>t</title></head><body><details id=\"help\">988</details>\
        <main><h1>x</h1><a href=\"/help\">h</a></main></body></html>";
    assert_eq!(faults(good), Vec::<String>::new());
    assert!(!faults(&good.replace("</h1>", "")).is_empty());
    assert!(!faults(&good.replace("<h1>", "<h1 style=\"x\">")).is_empty());
    assert!(!faults(&good.replace("988", "")).is_empty());
}

#[test]
fn every_sample_is_well_formed_and_has_its_help_panel() {
    let samples = server::pages::samples();
    assert!(samples.len() > 15);
    for (name, page) in samples {
        assert_eq!(faults(&page), Vec::<String>::new(), "{name}:\n{page}");
        assert!(
            !page.contains("<b>") && !page.contains("<i>"),
            "{name}: a name came through as markup"
        );
    }
}
