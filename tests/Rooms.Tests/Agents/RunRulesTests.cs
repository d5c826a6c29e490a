using Lyceum.Agents;
using Xunit;

namespace Lyceum.Rooms.Tests.Agents;

/// <summary>What is decided without a database: history, citations, continuing a text.</summary>
public sealed class RunRulesTests
{
    [Fact]
    public void History_keeps_the_newest_whole_turns_that_fit()
    {
        var random = new Random(20260101);
        for (var round = 0; round < 500; round++)
        {
            var history = Enumerable.Range(0, random.Next(0, 30))
                .Select(i => new RunMessage(random.Next(3) == 0 ? "assistant" : i % 2 == 0 ? "user" : "assistant", new string('x', random.Next(0, 300)) + i)).ToList();
            var (budget, most) = (random.Next(0, 1500), random.Next(0, 20));
            var kept = HistoryRules.Trim(history, budget, most);

            Assert.True(kept.Sum(m => HistoryRules.Tokens(m.Content)) <= budget, $"round {round}: over the budget");
            Assert.True(kept.Count <= most, $"round {round}: too many messages");
            Assert.True(kept.Count == 0 || kept[0].Role == "user", $"round {round}: begins with an orphan answer");
            Assert.True(kept.Count == 0 || kept[^1].Role == "assistant", $"round {round}: ends with a question that has no answer");
            Assert.Equal(kept, history.Where(kept.Contains));
            // Newest first: nothing newer than what was kept was left out, except what is no whole turn.
            var whole = HistoryRules.Trim(history, int.MaxValue, int.MaxValue);
            Assert.Equal(whole.Skip(whole.Count - kept.Count), kept);
        }
    }

    [Fact]
    public void A_failed_question_leaves_the_history_together_with_its_answer()
    {
        RunMessage[] history = [new("user", "one"), new("user", "two"), new("assistant", "2"), new("user", "three"), new("assistant", "")];
        Assert.Equal([history[1], history[2]], HistoryRules.Trim(history, 1000, 100));
    }

    [Theory]
    [InlineData("And in euros?", "What does the Basic plan cost? And in euros?")]
    [InlineData("What does the travel policy say about hotels in Oslo?", null)]
    public void A_short_question_after_another_is_searched_together_with_it(string question, string? together)
    {
        RunMessage[] messages = [new("user", "What does the Basic plan cost?"), new("assistant", "Nine dollars."), new("user", question)];
        Assert.Equal((question, together), HistoryRules.Query(messages));
        Assert.Null(HistoryRules.Query(messages[2..]).Rephrased);
    }

    [Fact]
    public void The_prompt_fits_the_model_and_drops_sources_before_the_question()
    {
        var passages = Enumerable.Range(0, 8).Select(i => Passage(new string('p', 900) + i)).ToList();
        RunMessage[] messages = [new("user", "old"), new("assistant", "older answer"), new("user", "What now?")];
        var prompt = PromptRules.Build(messages, null, passages, searched: true, context: 2000, completion: 400, historyItems: 10)!;
        Assert.InRange(prompt.Sources, 1, 7);
        Assert.True(prompt.Tokens + prompt.CompletionTokens <= 2000);
        Assert.Equal("What now?", prompt.Messages[^1].Text);
        Assert.Null(PromptRules.Build([new("user", new string('q', 30_000))], null, passages, true, 2000, 400, 10));
    }

    [Fact]
    public void Only_numbers_of_given_sources_are_citations()
    {
        var sources = new[] { Passage("The Basic plan costs nine euros. It has no support."), Passage("The office is in Oslo."), Passage("Nobody cites this.") };
        var (cited, unused) = CitationRules.Resolve("Basic costs nine euros [1]. We sit in Oslo [2, 7]. See items[0], [9], [12](https://x) and `array[3]`.", sources);
        Assert.Equal([1, 2], cited.Select(c => c.Marker));
        Assert.Equal([3], unused.Select(c => c.Marker));
        Assert.Equal("The Basic plan costs nine euros.", cited[0].Quote);
    }

    [Fact]
    public void A_quote_is_exactly_where_its_offsets_say()
    {
        const string page = "Intro that is not in the chunk. Rooms cost 120 euros a night. Breakfast is included! Dogs pay 10 euros.";
        var start = page.IndexOf("Rooms", StringComparison.Ordinal);
        var source = Passage(page[start..]) with { StartOffset = start, EndOffset = page.Length };
        foreach (var (answer, quote) in new[] { ("A dog pays 10 euros [1].", "Dogs pay 10 euros."), ("The price includes breakfast.\n[1]", "Breakfast is included!"), ("Rooms are 120 euros. [1]", "Rooms cost 120 euros a night.") })
        {
            var citation = Assert.Single(CitationRules.Resolve(answer, [source]).Cited);
            Assert.Equal(quote, citation.Quote);
            Assert.Equal(quote, page[citation.StartOffset..citation.EndOffset]);
        }
    }

    [Fact]
    public void A_source_cited_by_many_sentences_is_quoted_where_one_of_them_fits_best_and_the_first_of_equals_wins()
    {
        var source = Passage("Japan | 190 EUR | 46 EUR |\nWhen every hotel within five kilometres is dearer, the travel desk may approve more.");
        var quoted = "“Japan | 190 EUR | 46 EUR |” [1]\n\n“When every hotel within five kilometres is dearer, the travel desk may approve more.” [1]";
        Assert.Equal("Japan | 190 EUR | 46 EUR |", Assert.Single(CitationRules.Resolve(quoted, [source]).Cited).Quote);
        var told = "There is a limit [1]. When hotels within five kilometres are dearer, the travel desk approves more [1].";
        Assert.StartsWith("When every hotel", Assert.Single(CitationRules.Resolve(told, [source]).Cited).Quote, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_in_quoted_text_cites_nothing()
    {
        var (cited, _) = CitationRules.Resolve("“As shown in [1], it works.” [2]", [Passage("One."), Passage("As shown in [1], it works.")]);
        Assert.Equal([2], cited.Select(c => c.Marker));
    }

    [Fact]
    public void A_text_is_continued_without_gap_or_repeat_however_it_is_cut()
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => (char)('a' + random.Next(3))));
            var seen = random.Next(4) == 0 ? text + "zz" : random.Next(3) == 0 ? "x" + text : text[..random.Next(0, text.Length + 1)];
            var continuation = new Continuation(seen);
            var shown = seen;
            for (var at = 0; at < text.Length;)
            {
                var length = Math.Min(random.Next(1, 6), text.Length - at);
                Apply(continuation.Next(text.Substring(at, length)));
                at += length;
                Assert.Equal(shown, continuation.Visible);
            }

            Apply(continuation.End());
            Assert.Equal(text, shown);
            Assert.Equal(text, continuation.Visible);

            void Apply((bool Reset, string Show) change)
            {
                Assert.True(!change.Reset || !text.StartsWith(seen, StringComparison.Ordinal), $"round {round}: took back what was right");
                shown = (change.Reset ? "" : shown) + change.Show;
            }
        }
    }

    private static SourcePassage Passage(string text) => new(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), "A document", 1, 0.5, text, 0, text.Length, null);
}
