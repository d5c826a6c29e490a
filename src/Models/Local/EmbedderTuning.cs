namespace Lyceum.Models;

/// <summary>The numbers of the local embedder. Changing one changes every vector: it is then another model and needs another name.</summary>
internal readonly record struct EmbedderTuning
{
    public EmbedderTuning()
    {
    }

    public static readonly EmbedderTuning Chosen = new();

    /// <summary>Places in the vector that one feature is spread over.</summary>
    public int Places { get; init; } = 1;

    public float PairWeight { get; init; } = 0.2f;

    /// <summary>Of the group that a word shares with its synonyms, where the word itself is 1.</summary>
    public float SynonymWeight { get; init; } = 2f;

    /// <summary>Of the pieces of a word together, where the word itself is 1.</summary>
    public float PieceWeight { get; init; } = 3f;

    public int PieceMin { get; init; } = 3;

    public int PieceMax { get; init; } = 5;

    /// <summary>How much of a repeated word counts: 0 once, 1 the logarithm of its number.</summary>
    public float Repetition { get; init; } = 1.75f;

    /// <summary>The common-words prior is raised to this power; 0 turns it off.</summary>
    public float PriorPower { get; init; } = 0.7f;

    /// <summary>Another seed places every feature elsewhere: for telling what a number gains from what luck gains.</summary>
    public ulong Seed { get; init; }
}
