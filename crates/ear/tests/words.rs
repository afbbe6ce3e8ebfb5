//! The cut of words, held against the tokenizer that the network was trained with.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::sync::OnceLock;

use ear::Words;
use proptest::prelude::*;
use tokenizers::Tokenizer;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use unicode_normalization::char::canonical_combining_class;

const VOCABULARY: &str = include_str!("../../../models/ear.words.txt");

fn theirs() -> &'static Tokenizer {
    static THEIRS: OnceLock<Tokenizer> = OnceLock::new();
    THEIRS.get_or_init(|| {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/ear.words.txt");
        let model = WordPiece::from_file(file)
            .unk_token("[UNK]".to_owned())
            .max_input_chars_per_word(100)
            .build()
            .unwrap();
        let mut tokenizer = Tokenizer::new(model);
        tokenizer
            .with_normalizer(Some(BertNormalizer::new(true, true, None, true)))
            .unwrap()
            .with_pre_tokenizer(Some(BertPreTokenizer));
        tokenizer
    })
}

fn ours() -> &'static Words {
    static OURS: OnceLock<Words> = OnceLock::new();
    OURS.get_or_init(|| Words::parse(VOCABULARY).unwrap())
}

fn hold(text: &str) {
    let pieces = ours().cut(text);
    let expected = theirs().encode_char_offsets(text, false).unwrap();
    let ids: Vec<u32> = pieces.iter().map(|piece| piece.id).collect();
    assert_eq!(ids, expected.get_ids(), "{text:?}");
    // Marks that change their order have no place of their own.
    if text.chars().any(|letter| canonical_combining_class(letter) != 0) {
        return;
    }
    let places: Vec<(usize, usize)> =
        pieces.iter().map(|piece| (piece.start as usize, piece.end as usize)).collect();
    assert_eq!(places, expected.get_offsets(), "{text:?}");
}

#[test]
fn plain_and_odd_texts_are_cut_as_in_training() {
    for text in [
        "",
        " ",
        "So Monday you heard it had gone through, and it's still not there.",
        "Café NAÏVE Ångström straße İstanbul ﬁn",
        "x\0y\u{fffd}z\u{200b}w\u{7}v",
        "tabs\tand\nlines\r\nand\u{a0}spaces",
        "你好 world 123,456.78 $1,440?!",
        "🙂👍🏽 ok",
        "supercalifragilisticexpialidocious-unaffable",
        "\u{301}\u{301}a\u{301}",
    ] {
        hold(text);
    }
    hold(&"a".repeat(100));
    hold(&"a".repeat(101));
}

#[test]
fn the_gold_is_cut_as_in_training() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content/gold/train");
    let mut n_lines = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        for line in std::fs::read_to_string(file.unwrap().path()).unwrap().lines() {
            hold(line);
            n_lines += 1;
        }
    }
    assert!(n_lines > 1_000, "{n_lines} lines");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn any_text_is_cut_as_in_training(text in any::<String>()) {
        hold(&text);
    }

    #[test]
    fn letters_of_one_script_and_marks_are_cut_as_in_training(text in "[a-zA-Zéüß'’“”.,!? \\u{300}-\\u{305}]{0,60}") {
        hold(&text);
    }
}
