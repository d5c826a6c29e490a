using System.Text;
using Lyceum.Knowledge.Reading;
using Lyceum.Knowledge.Splitting;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Splitting;

public sealed class SplitterTests
{
    private static readonly SplitSettings Small = new() { Size = 40, Overlap = 10 };

    [Fact]
    public void A_short_document_is_one_chunk_with_all_its_headings()
    {
        var chunk = Assert.Single(Splitter.Split(Document(("h1", "Guide"), ("h2", "Keys"), ("p", "Ask the desk.")), new SplitSettings()));
        Assert.Equal("Guide\n\nKeys\n\nAsk the desk.", chunk.Text);
        Assert.Equal(["Guide", "Keys"], chunk.Headings);
        Assert.Equal("Keys", chunk.Section);
        Assert.Equal((0, 1, 0, 0, BlockKind.Paragraph), (chunk.Index, chunk.Page, chunk.PageIndex, chunk.RepeatedChars, chunk.Kind));
    }

    [Fact]
    public void A_heading_never_stands_at_the_end_of_a_chunk()
    {
        var chunks = Splitter.Split(Document(("p", Sentences(4)), ("h2", "Next"), ("p", Sentences(4)), ("h2", "Last"), ("p", "End.")), Small);
        Assert.All(chunks, chunk => Assert.DoesNotMatch("(Next|Last)$", chunk.Text));
        Assert.Contains(chunks, chunk => chunk.Text.StartsWith("Next\n\n", StringComparison.Ordinal) && chunk.Section == "Next");
    }

    [Fact]
    public void By_title_keeps_sections_apart_and_joins_only_small_ones()
    {
        var document = Document(("h1", "A"), ("p", Sentences(6)), ("h1", "B"), ("p", "Short."), ("h1", "C"), ("p", "Short too."), ("h1", "D"), ("p", Sentences(6)));
        var chunks = Splitter.Split(document, new SplitSettings { Strategy = SplitStrategy.ByTitle, Size = 100, Overlap = 0 });
        Assert.Equal(["A", "B", "D"], chunks.Select(chunk => chunk.Section));
        Assert.Equal("B\n\nShort.\n\nC\n\nShort too.", chunks[1].Text);
        Assert.Equal(["A", "B", "C", "D"], Splitter.Split(document, new SplitSettings { Strategy = SplitStrategy.ByTitle, Size = 100, Overlap = 0, CombineUnderChars = 0 }).Select(chunk => chunk.Section));
    }

    [Fact]
    public void By_title_starts_anew_after_a_number_of_characters()
    {
        var chunks = Splitter.Split(Document(("p", "One two."), ("p", "Three four."), ("p", "Five.")), new SplitSettings { Strategy = SplitStrategy.ByTitle, NewAfterChars = 10 });
        Assert.Equal(["One two.\n\nThree four.", "Five."], chunks.Select(chunk => chunk.Text));
    }

    [Fact]
    public void A_long_paragraph_is_cut_at_sentences_and_the_last_of_them_is_said_again()
    {
        var chunks = Splitter.Split(Document(("p", Sentences(20))), Small);
        Assert.True(chunks.Count > 3);
        Assert.All(chunks, chunk => Assert.EndsWith(".", chunk.Text, StringComparison.Ordinal));
        foreach (var (one, next) in chunks.Zip(chunks.Skip(1)))
        {
            Assert.True(next.Start < one.End, "no overlap");
            Assert.StartsWith("Sentence number", next.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Dr. Okafor and e.g. Mr. Weber paid 3.5 euros.| Then they left!| \"Why?\"| Nobody knows")]
    [InlineData("Am 3. März, z.B. um 8.15 Uhr.| Dann nicht.")]
    [InlineData("望远镜已经关闭。|请联系服务台。|谢谢")]
    public void Sentences_end_where_a_reader_would_say_so(string marked)
    {
        var parts = marked.Split('|').Select(part => part.Trim()).ToList();
        var text = marked.Replace("|", "", StringComparison.Ordinal);
        var found = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var next = global::Lyceum.Knowledge.Splitting.Sentences.Next(text, start, text.Length, isLines: false);
            found.Add(text[start..next].Trim());
            start = next;
        }

        Assert.Equal(parts, found);
    }

    [Fact]
    public void A_long_table_is_cut_between_rows_and_repeats_its_header()
    {
        var rows = string.Join('\n', Enumerable.Range(1, 60).Select(i => $"| item {i} | {i * 7} |"));
        var chunks = Splitter.Split(Document(("t", $"| Name | Price |\n{rows}")), new SplitSettings { Size = 60 });
        Assert.True(chunks.Count > 5);
        Assert.All(chunks, chunk =>
        {
            Assert.StartsWith("| Name | Price |\n", chunk.Text, StringComparison.Ordinal);
            Assert.All(chunk.Text.Split('\n'), row => Assert.Matches(@"^\| .* \|$", row));
            Assert.Equal(BlockKind.Table, chunk.Kind);
        });
        Assert.Equal(0, chunks[0].RepeatedChars);
        Assert.All(chunks.Skip(1), chunk => Assert.Equal("| Name | Price |\n".Length, chunk.RepeatedChars));
        Assert.Equal(60, chunks.Sum(chunk => chunk.Text.Split('\n').Count(row => row.Contains("item", StringComparison.Ordinal))));
    }

    [Fact]
    public void A_chunk_ends_with_its_page_unless_asked_otherwise()
    {
        var document = new ExtractedText(FileFormat.Pdf, "application/pdf", null, null, [Page(1, ("h1", "A"), ("p", "One.")), Page(2, ("p", "Two."))]);
        var single = Splitter.Split(document, new SplitSettings());
        Assert.Equal([1, 2], single.Select(chunk => chunk.Page!.Value));
        Assert.Equal(["A"], single[1].Headings);

        var joined = Assert.Single(Splitter.Split(document, new SplitSettings { MultipageSections = true }));
        Assert.Equal((1, 0, 1, "A\n\nOne.\n\nTwo."), (joined.Page, joined.PageIndex, joined.EndPageIndex, joined.Text));
        Assert.Equal(document.Pages[1].Text.Length, joined.End);
    }

    [Fact]
    public void Fixed_windows_are_as_full_as_they_can_be()
    {
        var text = string.Join(' ', Enumerable.Repeat("word", 1_000));
        var chunks = Splitter.Split(Document(("p", text)), new SplitSettings { Strategy = SplitStrategy.Fixed, Size = 100, Overlap = 20 });
        Assert.All(chunks.SkipLast(1), chunk => Assert.Equal(100, chunk.TokenCount));
        Assert.Equal(80, (chunks[1].Start - chunks[0].Start) / "word ".Length);
    }

    [Fact]
    public void Characters_can_be_counted_instead_of_tokens() =>
        Assert.All(Splitter.Split(Document(("p", Sentences(30))), new SplitSettings { Unit = SplitUnit.Chars, Size = 100, Overlap = 30 }), chunk => Assert.InRange(chunk.Text.Length, 1, 100));

    [Fact]
    public void A_word_without_end_is_cut_between_characters()
    {
        var telescopes = string.Concat(Enumerable.Repeat("\U0001F52D", 500));
        var chunks = Splitter.Split(Document(("p", telescopes)), Small);
        Assert.All(chunks, chunk => Assert.Equal(chunk.Text, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(chunk.Text))));
        Assert.Equal(telescopes, string.Concat(chunks.Select(chunk => chunk.Text)));
    }

    [Theory]
    [InlineData(7, 0)]
    [InlineData(100, -1)]
    [InlineData(100, 100)]
    public void Settings_that_cannot_work_are_refused(int size, int overlap) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Splitter.Split(Document(("p", "x")), new SplitSettings { Size = size, Overlap = overlap }));

    [Fact]
    public void A_blank_document_has_no_chunks() => Assert.Empty(Splitter.Split(Document(("p", "  \n ")), new SplitSettings()));

    internal static string Sentences(int count) => string.Join(' ', Enumerable.Range(1, count).Select(i => $"Sentence number {i} says little."));

    internal static ExtractedText Document(params (string Kind, string Text)[] blocks) => new(FileFormat.Docx, "text/plain", null, null, [Page(1, blocks)]);

    internal static TextPage Page(int number, params (string Kind, string Text)[] blocks)
    {
        var text = new StringBuilder();
        var list = new List<TextBlock>();
        foreach (var (kind, content) in blocks)
        {
            if (text.Length > 0)
                text.Append("\n\n");
            var start = text.Length;
            text.Append(content);
            list.Add(kind[0] switch
            {
                'h' => new TextBlock(BlockKind.Heading, start, text.Length, kind[1] - '0'),
                't' => new TextBlock(BlockKind.Table, start, text.Length, 0, content.Split('\n')[0]),
                'l' => new TextBlock(BlockKind.List, start, text.Length),
                'c' => new TextBlock(BlockKind.Code, start, text.Length),
                _ => new TextBlock(BlockKind.Paragraph, start, text.Length),
            });
        }

        return new TextPage(number, null, text.ToString(), list);
    }
}
