using Lyceum.Models;
using Microsoft.Extensions.AI;
using Xunit;

namespace Lyceum.Rooms.Tests.Models.Local;

public sealed class LocalEmbedderTests
{
    private const float PinnedSum = 229.489f;

    private static readonly LocalEmbedder Embedder = new();

    private static float[] Of(string text)
    {
        var vector = new float[LocalEmbedder.Dimension];
        Embedder.Embed(text, vector);
        return vector;
    }

    private static float Cosine(string a, string b) => Of(a).Zip(Of(b), (x, y) => x * y).Sum();

    [Fact]
    public void The_same_text_has_the_same_vector_on_every_machine()
    {
        // Stored vectors outlive the process: these numbers may change only together with the model's name.
        var vector = Of("The quick brown fox");
        Assert.Equal("lyceum-local-embedder-1", LocalEmbedder.ModelName);
        Assert.Equal(PinnedSum, vector.Select((x, i) => x * (i + 1)).Sum(), 2);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t")]
    [InlineData("the of and")]
    [InlineData("!!! ??? ---")]
    [InlineData("a")]
    [InlineData("東京都の天気")]
    [InlineData("naïve Straße ÆØÅ \uD83D\uDE00 \uD800")]
    public void Every_text_has_a_vector_of_length_one(string text)
    {
        var vector = Of(text);
        Assert.Equal(768, vector.Length);
        Assert.Equal(1, vector.Sum(x => x * x), 4);
        Assert.All(vector, x => Assert.True(float.IsFinite(x)));
    }

    [Theory]
    [InlineData("How many vacation days do I get?", "Employees have 25 vacation days per year.", "The printer is on the second floor.")]
    [InlineData("annual leave", "Vacation is granted by the manager.", "Invoices are paid within thirty days.")]
    [InlineData("libraries", "A librarian works in a library.", "The car needs new tyres.")]
    [InlineData("embeding vectrs", "Embedding vectors are stored.", "Lunch is served at noon.")]
    [InlineData("resume", "Send your résumé.", "Open the window.")]
    [InlineData("Datenschutzbeauftragter", "Die Datenschutzbeauftragte heißt Frau Kern.", "Das Mittagessen beginnt um zwölf.")]
    [InlineData("東京の天気", "明日の東京は天気がいい。", "会議は三時に始まる。")]
    public void What_is_about_the_question_is_nearer_than_what_is_not(string question, string about, string other) =>
        Assert.True(Cosine(question, about) > Cosine(question, other) + 0.05, $"{Cosine(question, about)} against {Cosine(question, other)}");

    [Fact]
    public void Case_accents_and_punctuation_do_not_matter() =>
        Assert.Equal(1, Cosine("Café Zürich, 1,000 items!", "cafe zurich 1000 ITEMS"), 4);

    [Fact]
    public void The_order_of_words_matters_a_little() =>
        Assert.InRange(Cosine("dog bites man in park", "man bites dog in park"), 0.9f, 0.9999f);

    [Fact]
    public async Task Many_threads_get_what_one_thread_gets()
    {
        var texts = Enumerable.Range(0, 500).Select(i => $"Paragraph {i} tells of subject {i * 7 % 31} and {new string('x', i % 50)}").ToArray();
        var alone = texts.Select(Of).ToArray();
        var together = new float[texts.Length][];
        await Parallel.ForAsync(0, texts.Length, TestContext.Current.CancellationToken, (i, _) =>
        {
            together[i] = Of(texts[i]);
            return ValueTask.CompletedTask;
        });
        for (var i = 0; i < texts.Length; i++) Assert.Equal(alone[i], together[i]);
    }

    [Fact]
    public void Embedding_allocates_nothing()
    {
        var vector = new float[LocalEmbedder.Dimension];
        var text = string.Concat(Enumerable.Repeat("Some sentence about retrieval quality and vectors. ", 40));
        for (var i = 0; i < 50; i++) Embedder.Embed(text, vector);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Embedder.Embed(text, vector);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    [Fact]
    public async Task As_a_generator_it_keeps_order_and_refuses_another_dimension()
    {
        var ct = TestContext.Current.CancellationToken;
        var vectors = await Embedder.GenerateAsync(["one", "two"], cancellationToken: ct);
        Assert.Equal(Of("one"), vectors[0].Vector.ToArray());
        Assert.Equal(Of("two"), vectors[1].Vector.ToArray());
        await Assert.ThrowsAsync<ProviderException>(() => Embedder.GenerateAsync(["one"], new() { Dimensions = 384 }, ct));
    }

    [Fact]
    public void A_text_of_many_megabytes_is_read_only_to_its_limit()
    {
        var long1 = string.Concat(Enumerable.Repeat("word ", LocalEmbedder.CharactersMax));
        Assert.Equal(Of(long1[..LocalEmbedder.CharactersMax]), Of(long1));
    }

    [Theory]
    [InlineData("caresses", "caress")]
    [InlineData("ponies", "poni")]
    [InlineData("cats", "cat")]
    [InlineData("agreed", "agre")]
    [InlineData("plastered", "plaster")]
    [InlineData("motoring", "motor")]
    [InlineData("conflated", "conflat")]
    [InlineData("hopping", "hop")]
    [InlineData("falling", "fall")]
    [InlineData("filing", "file")]
    [InlineData("happy", "happi")]
    [InlineData("relational", "relat")]
    [InlineData("vietnamization", "vietnam")]
    [InlineData("electriciti", "electr")]
    [InlineData("hopefulness", "hope")]
    [InlineData("adoption", "adopt")]
    [InlineData("adjustment", "adjust")]
    [InlineData("probate", "probat")]
    [InlineData("controll", "control")]
    [InlineData("generalizations", "gener")]
    [InlineData("oscillators", "oscil")]
    [InlineData("sky", "sky")]
    [InlineData("über", "über")]
    public void Words_are_stemmed_as_in_porters_paper(string word, string stem)
    {
        var letters = word.ToCharArray();
        Assert.Equal(stem, new string(letters, 0, PorterStem.Stem(letters)));
    }
}
