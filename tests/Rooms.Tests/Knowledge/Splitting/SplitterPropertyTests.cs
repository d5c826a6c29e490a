using System.Diagnostics;
using System.Text;
using Lyceum.Knowledge.Reading;
using Lyceum.Knowledge.Splitting;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Splitting;

/// <summary>What holds for every document and every setting, tried on random ones. The seed is in each message.</summary>
public sealed class SplitterPropertyTests
{
    private static readonly string[] Words = ["a", "the", "telescope", "Über-Prüfung", "naïve", "望远镜", "\U0001F52D\U0001F3FD", "e\u0301", "3.14159", "https://example.org/a/very/long/path?with=query&and=more", "x_y-z", "(see", "note).", "End.", "Dr.", "!?", "…", "антенна", "\u200b", "supercalifragilisticexpialidocious"];

    [Theory]
    [InlineData(SplitStrategy.Recursive)]
    [InlineData(SplitStrategy.ByTitle)]
    [InlineData(SplitStrategy.Fixed)]
    [InlineData(SplitStrategy.Sentence)]
    [InlineData(SplitStrategy.Semantic)]
    [InlineData(SplitStrategy.Custom)]
    public void Chunks_cover_everything_in_order_and_within_size(SplitStrategy strategy)
    {
        for (var seed = 1; seed <= 1_500; seed++)
        {
            var random = new Random(seed);
            var document = Document(random);
            var size = random.Next(SplitSettings.SizeMin, 200);
            var settings = new SplitSettings
            {
                Strategy = strategy,
                Size = size,
                Overlap = random.Next(size),
                Unit = random.Next(2) == 0 ? SplitUnit.Tokens : SplitUnit.Chars,
                CombineUnderChars = random.Next(3) == 0 ? random.Next(500) : null,
                NewAfterChars = random.Next(3) == 0 ? random.Next(500) : null,
                MultipageSections = random.Next(3) == 0,
                Mark = Marks.OfPattern("telescope|End|\\d\\.|е|望远").Mark,
            };
            var chunks = Splitter.Split(document, settings);
            try
            {
                Check(document, settings, chunks);
                Assert.Equal(chunks.Select(chunk => chunk.Text), Splitter.Split(document, settings).Select(chunk => chunk.Text));
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"Seed {seed}, {settings}: {fault.Message}", fault);
            }
        }
    }

    [Fact]
    public void A_price_is_the_sum_of_its_parts_at_white_space()
    {
        for (var seed = 1; seed <= 500; seed++)
        {
            var random = new Random(seed);
            var (one, gap, two) = (string.Join(' ', Some(random, 6)), random.Next(2) == 0 ? " " : "\n\n", string.Join("  ", Some(random, 6)));
            Assert.Equal(TokenCount.Hundredths(one + gap + two), TokenCount.Hundredths(one) + TokenCount.Hundredths(gap) + TokenCount.Hundredths(two));
        }
    }

    // Counted once with OpenAI's tokenizer (cl100k).
    [Theory]
    [InlineData("Die Beschäftigten reichen ihre Reisekostenabrechnung innerhalb von vierzehn Tagen nach der Rückkehr ein. Übernachtungen werden bis zu einer Höhe von 140 Euro je Nacht erstattet, sofern die Vorgesetzten zugestimmt haben. Für Fahrten mit der Bahn gilt die zweite Klasse; die erste Klasse ist nur bei einer Fahrtdauer von mehr als drei Stunden zulässig.\n", 100, 0.25)]
    [InlineData("Les employés doivent remettre leur note de frais dans les quatorze jours qui suivent leur retour. Les nuits d'hôtel sont remboursées jusqu'à 140 euros par nuit, à condition que le responsable ait donné son accord. Pour les trajets en train, la deuxième classe est la règle.\n", 71, 0.15)]
    [InlineData("Сотрудники обязаны предоставить отчёт о расходах в течение четырнадцати дней после возвращения из командировки. Проживание оплачивается до 140 евро за ночь.\n", 71, 0.15)]
    [InlineData("员工须在出差返回后十四天内提交费用报告。住宿费用每晚最高报销一百四十欧元，须经主管批准。乘坐火车时一般选择二等座。\n", 68, 0.15)]
    public void The_estimate_is_near_what_a_tokenizer_counts(string text, int tokens, double tolerance) =>
        Assert.InRange(TokenCount.Estimate(text), tokens * (1 - tolerance), tokens * (1 + tolerance));

    [Fact]
    public void Splitting_speed_is_printed()
    {
        var page = SplitterTests.Page(1, [.. Enumerable.Range(0, 2_000).SelectMany(i => new[] { ("h2", $"Section {i}"), ("p", SplitterTests.Sentences(30)) })]);
        var document = new ExtractedText(FileFormat.Text, "text/plain", null, "en", [page]);
        foreach (var strategy in Enum.GetValues<SplitStrategy>())
        {
            Splitter.Split(document, new SplitSettings { Strategy = strategy });
            var watch = Stopwatch.StartNew();
            var chunks = Splitter.Split(document, new SplitSettings { Strategy = strategy });
            TestContext.Current.TestOutputHelper?.WriteLine($"{strategy}: {page.Text.Length / 1e6 / watch.Elapsed.TotalSeconds:0.0} MB/s, {chunks.Count} chunks");
        }
    }

    private static void Check(ExtractedText document, SplitSettings settings, IReadOnlyList<Chunk> chunks)
    {
        var covered = document.Pages.Select(page => new bool[page.Text.Length]).ToArray();
        var last = (Page: 0, End: -1);
        foreach (var (index, chunk) in chunks.Index())
        {
            Assert.Equal(index, chunk.Index);
            Assert.Equal(document.Pages[chunk.PageIndex].Number, chunk.Page);
            Assert.InRange(settings.Unit == SplitUnit.Tokens ? TokenCount.Estimate(chunk.Text) : chunk.Text.Length, 1, settings.Size);
            Assert.Equal(TokenCount.Estimate(chunk.Text), chunk.TokenCount);
            Assert.False(char.IsLowSurrogate(chunk.Text[0]) || char.IsHighSurrogate(chunk.Text[^1]), "cut inside a character");
            Assert.True((chunk.EndPageIndex, chunk.End).CompareTo(last) > 0, "no progress");
            last = (chunk.EndPageIndex, chunk.End);
            Assert.Equal(settings.MultipageSections ? chunk.EndPageIndex : chunk.PageIndex, chunk.EndPageIndex);

            var slices = new List<string>();
            for (var page = chunk.PageIndex; page <= chunk.EndPageIndex; page++)
            {
                var text = document.Pages[page].Text;
                var start = page == chunk.PageIndex ? chunk.Start : 0;
                var end = page == chunk.EndPageIndex ? chunk.End : text.Length;
                Array.Fill(covered[page], true, start, end - start);
                if (!string.IsNullOrWhiteSpace(text[start..end]))
                    slices.Add(page == chunk.PageIndex && page == chunk.EndPageIndex ? text[start..end] : text[start..end].Trim());
            }

            Assert.Equal(string.Join("\n\n", slices), chunk.Text[chunk.RepeatedChars..]);
        }

        for (var page = 0; page < covered.Length; page++)
        {
            for (var i = 0; i < covered[page].Length; i++)
                Assert.True(covered[page][i] || char.IsWhiteSpace(document.Pages[page].Text[i]), $"page {page}, offset {i} is in no chunk");
        }
    }

    // Pages of text with blocks that are mostly right, sometimes missing, and sometimes nonsense.
    private static ExtractedText Document(Random random)
    {
        var pages = new List<TextPage>();
        for (var number = random.Next(1, 4); number > 0; number--)
        {
            var (text, blocks) = (new StringBuilder(), new List<TextBlock>());
            for (var count = random.Next(0, 12); count > 0; count--)
            {
                var kind = (BlockKind)random.Next(5);
                var start = text.Length;
                text.Append(kind switch
                {
                    BlockKind.Heading => string.Join(' ', Some(random, 8)),
                    BlockKind.Table => string.Join('\n', Enumerable.Range(0, random.Next(1, 20)).Select(_ => $"| {string.Join(" | ", Some(random, 5))} |")),
                    BlockKind.List or BlockKind.Code => string.Join('\n', Enumerable.Range(0, random.Next(1, 12)).Select(_ => $"- {string.Join(' ', Some(random, 12))}")),
                    _ when random.Next(20) == 0 => new string('x', random.Next(1, 2_000)),
                    _ => string.Join(' ', Some(random, 150)),
                });
                if (random.Next(8) > 0)
                    blocks.Add(new TextBlock(kind, start, text.Length, kind == BlockKind.Heading ? random.Next(1, 7) : 0, kind == BlockKind.Table ? text.ToString(start, text.Length - start).Split('\n')[0] : null));
                text.Append(random.Next(4) switch { 0 => "\n", 1 => "\n\n\n", 2 when random.Next(5) == 0 => "", _ => "\n\n" });
            }

            if (random.Next(10) == 0)
                blocks.Add(new TextBlock(BlockKind.Paragraph, random.Next(-5, 50), random.Next(-5, text.Length + 50)));
            pages.Add(new TextPage(pages.Count + 1, null, text.ToString(), blocks));
        }

        return new ExtractedText(FileFormat.Pdf, "application/pdf", null, null, pages);
    }

    private static IEnumerable<string> Some(Random random, int most) => [.. Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => Words[random.Next(Words.Length)])];
}
