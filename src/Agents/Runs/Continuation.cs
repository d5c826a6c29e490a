using System.Text;

namespace Lyceum.Agents;

/// <summary>
/// Continues a text that readers have already seen in part, with a model that begins again. As long as the new text
/// repeats the old nothing is said; then it goes on where the old one ended. When it takes another way, the old text is taken back first.
/// </summary>
internal sealed class Continuation(string seen)
{
    private readonly StringBuilder _text = new();
    private bool _repeating = seen.Length > 0;

    /// <summary>What readers see now.</summary>
    public string Visible => _repeating ? seen : _text.ToString();

    /// <summary>Takes the next piece: whether to take back what readers saw, and what to show them then.</summary>
    public (bool Reset, string Show) Next(string piece)
    {
        var before = _text.Length;
        _text.Append(piece);
        if (!_repeating)
        {
            return (false, piece);
        }

        var common = Math.Min(_text.Length, seen.Length) - before;
        if (!piece.AsSpan(0, Math.Max(common, 0)).SequenceEqual(seen.AsSpan(before, Math.Max(common, 0))))
        {
            _repeating = false;
            return (true, _text.ToString());
        }

        if (_text.Length < seen.Length)
        {
            return (false, "");
        }

        _repeating = false;
        return (false, _text.ToString(seen.Length, _text.Length - seen.Length));
    }

    /// <summary>The new text is complete. One that ended within the old one replaces it.</summary>
    public (bool Reset, string Show) End()
    {
        if (!_repeating)
        {
            return (false, "");
        }

        _repeating = false;
        return (true, _text.ToString());
    }
}
