using Microsoft.Extensions.AI;

namespace Lyceum.Models;

/// <summary>
/// The built-in embedding model: 768 numbers from words, pairs of words and pieces of words, hashed with signs. It needs no key, no download
/// and no corpus, gives the same vector for the same text on every machine, and finds texts that share words, their forms or
/// a short list of office synonyms with the question. It understands nothing; a trained embedding model does better.
/// </summary>
public sealed class LocalEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    public const string ModelName = "lyceum-local-embedder-1";
    public const int Dimension = 768;

    /// <summary>What comes after this many characters of one text is not read.</summary>
    public const int CharactersMax = 100_000;

    private static readonly EmbeddingGeneratorMetadata Metadata = new("builtin", null, ModelName, Dimension);
    private readonly EmbedderTuning _tuning;

    public LocalEmbedder() => _tuning = EmbedderTuning.Chosen;

    internal LocalEmbedder(EmbedderTuning tuning) => _tuning = tuning;

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (options?.Dimensions is { } wanted && wanted != Dimension)
            throw new ProviderException(ProviderError.BadRequest, $"The built-in embedder makes vectors of {Dimension} numbers, not {wanted}.");
        var all = new GeneratedEmbeddings<Embedding<float>>();
        foreach (var text in values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var vector = new float[Dimension];
            Embed(text, vector);
            all.Add(new Embedding<float>(vector) { ModelId = ModelName });
        }

        return Task.FromResult(all);
    }

    /// <summary>Writes the vector of a text, of length 1. A text without any word gets the first unit vector, so that its cosine is defined.</summary>
    public void Embed(ReadOnlySpan<char> text, Span<float> vector)
    {
        vector = vector[..Dimension];
        vector.Clear();
        var bag = WordBag.Own;
        try
        {
            Collect(text.Length > CharactersMax ? text[..CharactersMax] : text, bag);
            foreach (ref readonly var entry in bag.Entries)
            {
                var weight = entry.Weight * (1 + _tuning.Repetition * MathF.Log(entry.Times));
                AddFeature(entry.Hash, weight, vector);
                if (entry.LettersLength > 0) AddPieces(bag.Letters(entry), weight, vector);
            }
        }
        finally
        {
            bag.Clear();
        }

        Normalize(vector);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // Nothing is held.
    }

    private void Collect(ReadOnlySpan<char> text, WordBag bag)
    {
        Span<char> buffer = stackalloc char[WordScanner.WordMax];
        var scanner = new WordScanner(text, buffer);
        var (before, weightBefore) = (0UL, 0f);
        while (scanner.Next(out var word))
        {
            var weight = Prior(word);
            if (weight <= 0) continue;
            word = word[..PorterStem.Stem(word)];
            var hash = Hash(word, _tuning.Seed);
            bag.Add(hash, weight, word);
            if (_tuning.SynonymWeight > 0 && Synonyms.GroupOfStem(word) is > 0 and var group)
                bag.Add(Mix((ulong)group ^ _tuning.Seed ^ 0x5359_4E4F_4E59_4D53UL), _tuning.SynonymWeight * MathF.Sqrt(weight), default);
            if (before != 0 && _tuning.PairWeight > 0)
                bag.Add(Mix(before * 31 + hash), _tuning.PairWeight * MathF.Sqrt(weight * weightBefore), default);
            (before, weightBefore) = (hash, weight);
        }
    }

    private float Prior(ReadOnlySpan<char> word)
    {
        var prior = CommonWords.Weight(word);
        return _tuning.PriorPower == 1 || prior <= 0 ? prior : MathF.Pow(prior, _tuning.PriorPower);
    }

    // ^librari$ gives ^li, lib, ibr ... and their longer sisters: other forms of a word, compounds and typing errors share some of them.
    private void AddPieces(ReadOnlySpan<char> word, float weight, Span<float> vector)
    {
        if (_tuning.PieceWeight <= 0) return;
        Span<char> framed = stackalloc char[WordScanner.WordMax + 2];
        framed[0] = '^';
        word.CopyTo(framed[1..]);
        framed[word.Length + 1] = '$';
        framed = framed[..(word.Length + 2)];
        var count = 0;
        for (var n = _tuning.PieceMin; n <= _tuning.PieceMax; n++) count += Math.Max(0, framed.Length - n + 1);
        if (count == 0) return;
        var each = weight * _tuning.PieceWeight / MathF.Sqrt(count);
        for (var n = _tuning.PieceMin; n <= _tuning.PieceMax; n++)
            for (var i = 0; i + n <= framed.Length; i++)
                AddOne(Hash(framed.Slice(i, n), _tuning.Seed), each, vector);
    }

    private void AddFeature(ulong hash, float weight, Span<float> vector)
    {
        var each = weight / MathF.Sqrt(_tuning.Places);
        for (var i = 0; i < _tuning.Places; i++)
        {
            AddOne(hash, each, vector);
            hash = Mix(hash);
        }
    }

    // The place from the high half, the sign from the lowest bit.
    private static void AddOne(ulong hash, float weight, Span<float> vector)
    {
        var place = (int)((hash >> 32) * Dimension >> 32);
        vector[place] += (hash & 1) == 0 ? weight : -weight;
    }

    private static void Normalize(Span<float> vector)
    {
        var sum = 0.0;
        foreach (var x in vector) sum += (double)x * x;
        if (sum <= 0)
        {
            vector[0] = 1;
            return;
        }

        var scale = (float)(1 / Math.Sqrt(sum));
        foreach (ref var x in vector) x *= scale;
    }

    // FNV-1a, then mixed: its high bits alone are too regular for short words.
    private static ulong Hash(ReadOnlySpan<char> text, ulong seed)
    {
        var hash = 14695981039346656037UL ^ seed;
        foreach (var c in text) hash = (hash ^ c) * 1099511628211UL;
        return Mix(hash);
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }
}
