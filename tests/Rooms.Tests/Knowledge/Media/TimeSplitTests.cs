using System.Globalization;
using Lyceum.Knowledge.Media;
using Lyceum.Knowledge.Reading;
using Lyceum.Knowledge.Splitting;
using Lyceum.Models;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Media;

/// <summary>Cutting transcripts by time, and putting what was heard in pieces together.</summary>
public sealed class TimeSplitTests
{
    // A made-up talk: sentences that end and sentences that go on, pauses, and one that nobody interrupts.
    private static readonly TranscriptSegment[] Talk =
    [
        new(0, 6.2, " Welcome to the tour of the observatory."), new(6.2, 13, " The dome was built in nineteen hundred and four,"), new(13, 21.5, " and it still turns by hand."),
        new(21.5, 30.4, " On clear nights the shutter is opened at ten."), new(30.4, 38, " Nobody opens it alone."), new(41, 49, " Please mind the step."),
        new(49, 58, " The main telescope is a refractor"), new(58, 69, " with a lens of sixty centimetres"), new(69, 81, " ground in Jena and carried here by train,"),
        new(81, 90, " which took eleven days."), new(90, 97.5, " Questions?"), new(100, 104, " Thank you."),
    ];

    [Fact]
    [Trait("row", "ING-21")]
    public void A_talk_is_cut_where_sentences_and_pauses_end_within_the_windows() => Assert.Equal(
        """
        0.0–38.0 Welcome to the tour of the observatory. The dome was built in nineteen hundred and four, and it still turns by hand. On clear nights the shutter is opened at ten. Nobody opens it alone.
        30.4–90.0 Nobody opens it alone.|Please mind the step. The main telescope is a refractor with a lens of sixty centimetres ground in Jena and carried here by train, which took eleven days.
        81.0–104.0 which took eleven days. Questions?|Thank you.
        """.ReplaceLineEndings("\n"),
        Shown(TimeSplit.Split(Heard(Talk), new TimeWindows(31, 60, 10))));

    [Fact]
    [Trait("row", "ING-21")]
    public void With_other_windows_it_is_cut_otherwise_and_a_short_rest_joins_what_is_before_it()
    {
        var cut = TimeSplit.Split(Heard(Talk), new TimeWindows(20, 60, 0));
        Assert.Equal(["0.0–21.5", "21.5–49.0", "49.0–104.0"], cut.Select(Times));
        Assert.Equal(["0.0–104.0"], TimeSplit.Split(Heard(Talk), new TimeWindows(120, 600, 5)).Select(Times));
    }

    [Theory]
    [InlineData(1, 5, 0)]
    [InlineData(30, 120, 5)]
    [InlineData(10, 10, 5)]
    [InlineData(60, 3600, 600)]
    [Trait("row", "ING-21")]
    public void Whatever_was_said_all_of_it_is_in_passages_in_order_none_longer_than_asked(int min, int max, int overlap)
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var at = 0.0;
            var said = Enumerable.Range(0, random.Next(1, 60)).Select(i =>
            {
                var from = at + (random.Next(4) == 0 ? random.NextDouble() * 5 : 0);
                at = from + (random.Next(10) == 0 ? random.NextDouble() * 4_000 : random.NextDouble() * 20);
                return new TranscriptSegment(from, at, string.Concat(Enumerable.Repeat(random.Next(8) == 0 ? "long😀" : $"word{i} ", random.Next(1, random.Next(12) == 0 ? 3_000 : 20))) + (random.Next(3) == 0 ? "." : ""));
            }).ToArray();
            var text = Heard(said);
            var windows = new TimeWindows(min, max, overlap);
            var cut = TimeSplit.Split(text, windows);
            var page = text.Pages[0].Text;
            var covered = 0;
            foreach (var chunk in cut)
            {
                Assert.Equal(page[chunk.Start..chunk.End], chunk.Text);
                Assert.True(chunk.To - chunk.From <= max + 0.01 || chunk.Text.Length <= 2, $"{Times(chunk)} is longer than {max} s");
                Assert.True(chunk.Text.Length <= TimeSplit.CharactersMost, $"{chunk.Text.Length} characters");
                Assert.False(char.IsLowSurrogate(chunk.Text[0]) || char.IsHighSurrogate(chunk.Text[^1]));
                Assert.True(chunk.Start <= covered || page[covered..chunk.Start].All(char.IsWhiteSpace), "words are missing");
                Assert.True(chunk.End > covered, "a passage says nothing new");
                covered = chunk.End;
            }

            Assert.Equal(page.Length, covered);
            Assert.Equal(Enumerable.Range(0, cut.Count), cut.Select(c => c.Index));
            Assert.Equal(cut.Select(c => (c.Text, c.From, c.To)), TimeSplit.Split(text, windows).Select(c => (c.Text, c.From, c.To)));
        }
    }

    [Fact]
    [Trait("row", "ING-21")]
    public void Times_of_a_piece_are_moved_to_where_it_begins_and_held_within_it()
    {
        var text = TranscriptText.Of("audio/wav", null,
        [
            new HeardPiece(0, 10, new Transcript("", "en", 10, [new(0, 4, "one"), new(3, 6, "two"), new(5, 99, "three"), new(50, 60, "four\0")])),
            new HeardPiece(10, 10, new Transcript("no times here", "en", null, [])),
            new HeardPiece(20, null, new Transcript("  ", null, null, [])),
        ]);
        Assert.Equal("one two three four no times here", text.Pages[0].Text);
        Assert.Equal([(0.0, 4.0), (3, 6), (5, 10), (10, 10), (10, 20)], text.Pages[0].Blocks.Select(b => (b.From!.Value, b.To!.Value)));
        Assert.Equal(["one", "two", "three", "four", "no times here"], text.Pages[0].Blocks.Select(b => text.Pages[0].Text[b.Start..b.End]));
    }

    [Fact]
    public void Windows_that_cannot_be_are_told()
    {
        Assert.Null(new TimeWindows().Fault());
        Assert.All(new TimeWindows[] { new(0), new(30, 20), new(30, 4000), new(30, 120, 61), new(30, 120, -1) }, windows => Assert.NotNull(windows.Fault()));
    }

    private static ExtractedText Heard(TranscriptSegment[] said) => TranscriptText.Of("audio/wav", "en", [new HeardPiece(0, null, new Transcript("", "en", null, said))]);

    private static string Shown(IReadOnlyList<Chunk> chunks) => string.Join('\n', chunks.Select(c => $"{Times(c)} {c.Text.Replace('\n', '|')}"));

    private static string Times(Chunk chunk) => string.Create(CultureInfo.InvariantCulture, $"{chunk.From:0.0}–{chunk.To:0.0}");
}
