using System.Text.Json;
using Lyceum.Knowledge.Reading;
using Lyceum.Rooms.Tests.Knowledge.Reading.Making;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Reading;

/// <summary>What each format reads as. The expected text is the contract with search, citations and the document view.</summary>
public sealed class GoldenTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    [Trait("row", "ING-19")]
    public Task A_PDF_reads_as_headings_paragraphs_lists_and_tables_by_page() => Expect("a.pdf",
        new PdfMaker("Guide") { Footer = "Printed for you" }
            .NewPage().Heading("Guide to the dome").Paragraph("The dome is closed when the humidity passes 85 percent, or when the wind is stronger than twenty metres per second for a minute. A well-known trick is to look at the flags.").Bullet("First the shutter, which takes about ninety seconds and makes a noise that can be heard from the village below.").Bullet("Then the lights")
            .NewPage().Heading("Limits", 2).Table([0, 150, 300], ["What", "Limit", "Unit"], ["Wind", "20", "m/s"], ["Humidity", "85", "%"]).Paragraph("That is all.")
            .NewPage().Paragraph("Last page.").Make(),
        """
        [1]
        heading1: Guide to the dome
        paragraph: The dome is closed when the humidity passes 85 percent, or when the wind is stronger than twenty metres per second for a minute. A well-known trick is to look at the flags.
        list: - First the shutter, which takes about ninety seconds and makes a noise that can be heard from the village below.
        - Then the lights
        [2]
        heading2: Limits
        table: | What | Limit | Unit |
        | Wind | 20 | m/s |
        | Humidity | 85 | % |
        paragraph: That is all.
        [3]
        paragraph: Last page.

        """, "Guide");

    [Fact]
    public Task A_Word_document_reads_with_lists_tables_notes_and_pages() => Expect("a.docx",
        new DocxMaker().Title("Handbook").Heading(1, "Keys").Paragraph("Take care & <beware>.").Bullet("One").Bullet("Deeper", 1).Number("First").Number("Second")
            .Footnote("Ask the desk.", "Open until five.")
            .Raw("""<w:p><w:pPr><w:pStyle w:val="TOC1"/></w:pPr><w:r><w:t>Keys ..... 1</w:t></w:r></w:p>""")
            .Raw("""<w:p><w:r><w:t>Old</w:t></w:r><w:del><w:r><w:delText> gone</w:delText></w:r></w:del><w:ins><w:r><w:t xml:space="preserve"> and new</w:t></w:r></w:ins><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PAGE</w:instrText></w:r></w:p>""")
            .PageBreak().RenderedPage("Second page.").Table(["Class", "Where"], ["Secret", "Vault | safe"]).RenderedPage("Third page.").Make(),
        """
        [1]
        heading1: Handbook
        heading1: Keys
        paragraph: Take care & <beware>.
        list: - One
          - Deeper
        1. First
        2. Second
        paragraph: Ask the desk.[^1]
        paragraph: Old and new
        paragraph: [^1]: Open until five.
        [2]
        paragraph: Second page.
        table: | Class | Where |
        | Secret | Vault \| safe |
        [3]
        paragraph: Third page.

        """, "Handbook");

    [Fact]
    public async Task A_Word_table_that_crosses_pages_keeps_its_header_and_a_document_without_breaks_has_no_page_numbers()
    {
        const string row = "<w:tr><w:tc><w:p><w:r>{0}<w:t>{1}</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>{2}</w:t></w:r></w:p></w:tc></w:tr>";
        string Row(string first, string second, bool breaks = false) => row.Replace("{0}", breaks ? "<w:lastRenderedPageBreak/>" : "", StringComparison.Ordinal).Replace("{1}", first, StringComparison.Ordinal).Replace("{2}", second, StringComparison.Ordinal);
        var text = await _files.Text("a.docx", new DocxMaker().Raw($"<w:tbl>{Row("Name", "Room")}{Row("Mei", "12", breaks: true)}{Row("Jonas", "14")}</w:tbl>").Make());
        Assert.Equal(["| Name | Room |", "| Name | Room |"], text.Pages.Select(page => Assert.Single(page.Blocks).Header));
        Assert.Equal("| Jonas | 14 |", text.Pages[1].Text);

        Assert.Null(Assert.Single((await _files.Text("b.docx", new DocxMaker().Paragraph("One page").Make())).Pages).Number);
    }

    [Fact]
    public Task A_presentation_reads_slide_by_slide() => Expect("a.pptx",
        PptxMaker.Make("Welcome", new Slide("Hello", ["One", "  Deeper"], "Smile."), new Slide("Figures", [], Table: [["A", "B"], ["1", "2"]])),
        """
        [1]
        heading1: Hello
        list: - One
          - Deeper
        paragraph: Notes: Smile.
        [2]
        heading1: Figures
        table: | A | B |
        | 1 | 2 |

        """, "Welcome");

    [Fact]
    public Task A_workbook_reads_values_as_they_are_shown() => Expect("a.xlsx",
        XlsxMaker.Make(
            new Sheet("Sales", [
                ["Sales of 2025"],
                [],
                ["Day", "Share", "Units", "Price", "At", "Sum", "Good", "Plain"],
                [new Styled(XlsxMaker.Serial(2025, 3, 31), CellStyle.Date), new Styled(0.125, CellStyle.Percent), new Styled(1234567, CellStyle.Thousands), new Styled(9.5, CellStyle.Euro), new Styled(XlsxMaker.Serial(2025, 3, 31, 0.5), CellStyle.Moment), "=B4*2→0.25", true, 0.1],
                [null, null, "only C"],
            ]),
            new Sheet("Secret", [["hidden"]], "hidden"),
            new Sheet("Empty", [])),
        """
        [1 Sales]
        heading1: Sales
        paragraph: Sales of 2025
        table: | Day | Share | Units | Price | At | Sum | Good | Plain |
        | 2025-03-31 | 12.50% | 1,234,567 | 9.50 € | 2025-03-31 12:00 | 0.25 | TRUE | 0.1 |
        |  |  | only C |
        [2 Empty]
        heading1: Empty

        """, null);

    [Fact]
    public Task A_web_page_reads_without_its_surroundings() => Expect("a.html",
        """
        <html><head><title>Dome</title><script>alert(1)</script></head><body><nav>Home</nav>
        <h1>The   dome</h1><p>It <b>closes</b> itself.<br>Always.</p><div hidden>secret</div><div style="display: none">secret</div>
        <ul><li>One<ul><li>Deeper</li></ul></li><li><p>Two</p><p>more</p></li></ul><ol><li>First</li></ol>
        <table><caption>Limits</caption><tr><th>What</th><th>Limit</th></tr><tr><td>Wind<br>east</td><td>20 | 30</td></tr></table>
        <table><tr><td><h2>Layout</h2><p>is not a table</p></td><td><table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table></td></tr></table>
        <pre>if x:
          y()</pre><iframe src="http://192.0.2.1/"></iframe><footer>Imprint</footer></body></html>
        """,
        """
        heading1: The dome
        paragraph: It closes itself.
        Always.
        list: - One
          - Deeper
        - Two
          more
        list: 1. First
        paragraph: Limits
        table: | What | Limit |
        | Wind east | 20 \| 30 |
        heading2: Layout
        paragraph: is not a table
        table: | a | b |
        | c | d |
        code: if x:
          y()

        """, "Dome");

    [Fact]
    public Task Markdown_keeps_its_source() => Expect("a.md",
        "---\ntitle: \"The dome\"\n---\n\n# One #\nText *here*\nand here.\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n```sh\n# not a heading\nls\n```\n\nTwo\n---\n\n[link]: http://example.org\n\nEnd [link].",
        """
        heading1: # One #
        paragraph: Text *here*
        and here.
        list: - a
        - b
        table: | x | y |
        |---|---|
        | 1 | 2 |
        code: ```sh
        # not a heading
        ls
        ```
        heading2: Two
        ---
        paragraph: [link]: http://example.org
        paragraph: End [link].

        """, "The dome");

    [Fact]
    public Task A_CSV_file_reads_as_one_table() => Expect("a.csv",
        "Name;Price;Remark\r\nLamp;\"1,5\";\"says \"\"hi\"\"\nand more\"\r\n\r\nBulb;2;;;;;\r\n",
        """
        table: | Name | Price | Remark |
        | Lamp | 1,5 | says "hi" and more |
        | Bulb | 2 |

        """, null);

    [Fact]
    public Task JSON_reads_as_lines_and_tables() => Expect("a.json",
        """{"title":"Stock","owner":{"name":"Mei","tags":["a","b"]},"items":[{"id":1,"name":"Lamp"},{"id":2,"price":0.50,"ok":true}],"empty":[],"deep":[[1],[2]]}""",
        """
        paragraph: title: Stock
        paragraph: owner.name: Mei
        owner.tags: a, b
        heading2: items
        table: | id | name | price | ok |
        | 1 | Lamp |  |  |
        | 2 |  | 0.50 | true |
        paragraph: deep[0]: 1
        deep[1]: 2

        """, "Stock");

    [Fact]
    public Task JSON_lines_read_as_one_table() => Expect("a.jsonl", "{\"a\":1}\n{\"a\":2}\n", "table: | a |\n| 1 |\n| 2 |\n", null);

    [Fact]
    public Task Plain_text_reads_as_paragraphs() => Expect("a.txt", "One\nline.\n\n \nTwo.\u0007\u00a0x\n", "paragraph: One\nline.\nparagraph: Two.  x\n", null);

    [Fact]
    public async Task The_language_is_told_when_it_is_clear()
    {
        Assert.Equal("de", (await _files.Text("a.txt", "Die Reise ist nach der Rückkehr mit den Belegen abzurechnen, und das Hotel wird bis zu einer Grenze erstattet.")).Language);
        Assert.Equal("fr", (await _files.Text("a.txt", "Les frais sont remboursés dans les trente jours et la note est à remettre avec le formulaire pour la mission.")).Language);
        Assert.Equal("nl", (await _files.Text("a.txt", "Het hotel wordt door de afdeling betaald en de reis is met het formulier van de dienst aan te vragen.")).Language);
        Assert.Null((await _files.Text("a.txt", "NW-1 NW-2 NW-3 NW-4 NW-5 NW-6 NW-7 NW-8 NW-9 NW-10")).Language);
    }

    [Fact]
    public async Task A_child_answers_with_what_the_same_text_would_be_as_web_JSON()
    {
        var text = await _files.Text("a.docx", new DocxMaker().Title("T\"<é\U0001F52D").Table(["a", "b"], ["1", "\u2028\\\t"]).PageBreak().Paragraph("x").Make());
        using var file = new MemoryStream();
        ReadingJson.Write(file, ReadOutcome.Of(text));
        file.Position = 0;
        var back = (await ReadingJson.Read(file, TestContext.Current.CancellationToken))?.Text;
        Assert.Equal(JsonSerializer.Serialize(text, JsonSerializerOptions.Web), JsonSerializer.Serialize(back, JsonSerializerOptions.Web));
        var limits = new ReadLimits { Depth = 7, InProcessBytes = 0, WallTime = TimeSpan.FromMilliseconds(1500), MemoryBytes = long.MaxValue / 2 };
        Assert.Equal(limits, ReadingJson.FromArgument(ReadingJson.ToArgument(limits)));
    }

    private Task Expect(string name, string content, string golden, string? title) => Expect(name, System.Text.Encoding.UTF8.GetBytes(content), golden, title);

    private async Task Expect(string name, byte[] content, string golden, string? title)
    {
        var text = await _files.Text(name, content);
        Assert.Equal(golden, Files.Show(text));
        Assert.Equal(title, text.Title);
        foreach (var page in text.Pages)
        {
            var end = 0;
            foreach (var block in page.Blocks)
            {
                Assert.True(page.Text.AsSpan(end, block.Start - end).IsWhiteSpace(), "Text between blocks belongs to none.");
                end = block.End;
            }

            Assert.True(page.Text.AsSpan(end).IsWhiteSpace());
        }
    }
}
