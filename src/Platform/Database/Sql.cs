using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// A statement written as an interpolated string. Every hole becomes a parameter ($1, $2, ...), so a value can
/// never be read as SQL; a hole that is itself a <see cref="Sql"/> is spliced in with its parameters renumbered.
/// No method of <see cref="Db"/> takes a plain string, on purpose.
/// </summary>
[InterpolatedStringHandler]
public sealed class Sql(int literalLength, int formattedCount)
{
    private readonly StringBuilder _text = new(literalLength + (formattedCount * 3));
    private readonly List<NpgsqlParameter> _parameters = new(formattedCount);

    /// <summary>A piece that adds nothing, for an optional clause that is not wanted.</summary>
    public static Sql None => $"";

    public void AppendLiteral(string sql) => _text.Append(sql);

    public void AppendFormatted<T>(T value)
    {
        _parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        _text.Append('$').Append(_parameters.Count.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A whole number written into the text itself, as <c>{dimension:literal}</c>: for places where SQL takes no parameter, such as a type's length.</summary>
    public void AppendFormatted(int value, string format)
    {
        if (format != "literal")
        {
            throw new ArgumentException("The only format is 'literal'.", nameof(format));
        }

        _text.Append(value.ToString(CultureInfo.InvariantCulture));
    }

    public void AppendFormatted(Sql piece)
    {
        var text = piece._text.ToString();
        var at = 0;
        foreach (var (parameter, index) in piece._parameters.Select((p, i) => (p, i + 1)))
        {
            var mark = "$" + index.ToString(CultureInfo.InvariantCulture);
            var found = text.IndexOf(mark, at, StringComparison.Ordinal);
            _text.Append(text, at, found - at);
            _parameters.Add(parameter.Clone());
            _text.Append('$').Append(_parameters.Count.ToString(CultureInfo.InvariantCulture));
            at = found + mark.Length;
        }

        _text.Append(text, at, text.Length - at);
    }

    /// <summary>
    /// Keeps the parsed and planned statement on each connection: for statements of fixed text that run all the time. Not for
    /// vector searches, whose plan depends on the values.
    /// </summary>
    public Sql Prepared()
    {
        IsPrepared = true;
        return this;
    }

    /// <inheritdoc cref="Prepared()"/>
    public static Sql Prepared(Sql sql) => sql.Prepared();

    internal bool IsPrepared { get; private set; }

    internal string Text => _parameters.Count == 0
        ? _text.ToString()
        : throw new InvalidOperationException("This statement takes no parameters.");

    internal NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(_text.ToString());
        foreach (var parameter in _parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
