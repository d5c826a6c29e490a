using System.Diagnostics.CodeAnalysis;

namespace Lyceum.Knowledge.Reading;

/// <summary>Either the text of a document, or the reason there is none. Exactly one of the two is set.</summary>
public sealed record ReadOutcome
{
    private ReadOutcome(ExtractedText? text, Refusal? refusal) => (Text, Refusal) = (text, refusal);

    public ExtractedText? Text { get; }

    public Refusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Text))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsRead => Text is not null;

    internal static ReadOutcome Of(ExtractedText text) => new(text, null);

    internal static ReadOutcome Of(Refusal refusal) => new(null, refusal);
}

/// <summary>
/// Why a document was not read. <paramref name="Code"/> is stable; <paramref name="Message"/> is for the person who
/// uploaded the file and says what to do. The same file is refused again, except for the codes that
/// <see cref="MayPass"/> names.
/// </summary>
public sealed record Refusal(string Code, string Message)
{
    /// <summary>Whether trying the same file again can end differently, because the machine was part of the reason.</summary>
    public bool MayPass => Code is "timeout" or "out_of_memory" or "reader_crashed";
}
