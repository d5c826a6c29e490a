using System.Text.Json;

namespace Lyceum.Iam;

/// <summary>A SCIM filter as a tree (RFC 7644, 3.4.2.2). Attribute names are lower case and without the part in square brackets.</summary>
internal abstract record ScimFilter
{
    private const int MostCharacters = 1000;
    private const int MostDepth = 10;

    public sealed record And(ScimFilter Left, ScimFilter Right) : ScimFilter;

    public sealed record Or(ScimFilter Left, ScimFilter Right) : ScimFilter;

    public sealed record Not(ScimFilter Inner) : ScimFilter;

    /// <summary>Value is a string, a bool, or null for <c>pr</c> and for null.</summary>
    public sealed record Compare(string Attribute, string Operation, object? Value) : ScimFilter;

    /// <summary>Null for no filter; a refusal for one that cannot be read.</summary>
    public static ScimFilter? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (text.Length > MostCharacters)
        {
            throw Unreadable("it is longer than 1,000 characters");
        }

        var reader = new Reader(text);
        var filter = reader.Any(0);
        reader.End();
        return filter;
    }

    private static ScimException Unreadable(string why) => new(ScimError.Invalid("invalidFilter", $"The filter cannot be read: {why}."));

    private sealed class Reader(string text)
    {
        private int _at;

        public ScimFilter Any(int depth)
        {
            var left = All(depth);
            while (Word("or"))
            {
                left = new Or(left, All(depth));
            }

            return left;
        }

        public void End()
        {
            Blank();
            if (_at < text.Length)
            {
                throw Unreadable($"something stands after its end, at character {_at + 1}");
            }
        }

        private ScimFilter All(int depth)
        {
            var left = One(depth);
            while (Word("and"))
            {
                left = new And(left, One(depth));
            }

            return left;
        }

        private ScimFilter One(int depth)
        {
            if (depth > MostDepth)
            {
                throw Unreadable("it is nested too deep");
            }

            var negated = Word("not");
            if (Sign('('))
            {
                var inner = Any(depth + 1);
                Expect(')');
                return negated ? new Not(inner) : inner;
            }

            return negated ? throw Unreadable("'not' needs a filter in brackets") : Comparison(depth);
        }

        private ScimFilter Comparison(int depth)
        {
            var attribute = Name();
            if (Sign('['))
            {
                var inner = Any(depth + 1);
                Expect(']');
                if (!Sign('.'))
                {
                    return Within(attribute, inner);
                }

                // emails[type eq "work"].value: we keep one address, so its type does not matter.
                attribute = $"{attribute}.{Name()}";
            }

            var operation = Name();
            return operation == "pr" ? new Compare(attribute, "pr", null)
                : operation is "eq" or "ne" or "sw" or "co" or "ew" ? new Compare(attribute, operation, Value())
                : throw Unreadable($"'{operation}' is not one of eq, ne, sw, co, ew, pr");
        }

        private static ScimFilter Within(string attribute, ScimFilter inner) => inner switch
        {
            And both => new And(Within(attribute, both.Left), Within(attribute, both.Right)),
            Or either => new Or(Within(attribute, either.Left), Within(attribute, either.Right)),
            Not not => new Not(Within(attribute, not.Inner)),
            Compare compare => compare with { Attribute = $"{attribute}.{compare.Attribute}" },
            _ => inner,
        };

        private string Name()
        {
            Blank();
            var from = _at;
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '.' or ':' or '_' or '-' or '$'))
            {
                _at++;
            }

            if (_at == from)
            {
                throw Unreadable($"a name is missing at character {_at + 1}");
            }

            var name = text[from.._at].ToLowerInvariant();
            return name.StartsWith("urn:", StringComparison.Ordinal) && name.LastIndexOf(':') is var last && !name.Contains("extension", StringComparison.Ordinal) ? name[(last + 1)..] : name;
        }

        private object? Value()
        {
            Blank();
            if (_at < text.Length && text[_at] == '"')
            {
                var from = _at++;
                while (_at < text.Length && text[_at] != '"')
                {
                    _at += text[_at] == '\\' ? 2 : 1;
                }

                if (_at >= text.Length)
                {
                    throw Unreadable("a text has no end");
                }

                _at++;
                try
                {
                    return JsonSerializer.Deserialize<string>(text[from.._at]);
                }
                catch (JsonException)
                {
                    throw Unreadable("a text is written wrongly");
                }
            }

            return Name() switch
            {
                "true" => true,
                "false" => false,
                "null" => null,
                var other => throw Unreadable($"'{other}' is no value: texts stand in double quotes"),
            };
        }

        private bool Word(string word)
        {
            Blank();
            if (_at + word.Length > text.Length || !text.AsSpan(_at, word.Length).Equals(word, StringComparison.OrdinalIgnoreCase)
                || (_at + word.Length < text.Length && text[_at + word.Length] is not (' ' or '(')))
            {
                return false;
            }

            _at += word.Length;
            return true;
        }

        private bool Sign(char sign)
        {
            if (sign != '.' && sign != '[')
            {
                Blank();
            }

            if (_at >= text.Length || text[_at] != sign)
            {
                return false;
            }

            _at++;
            return true;
        }

        private void Expect(char sign)
        {
            if (!Sign(sign))
            {
                throw Unreadable($"'{sign}' is missing at character {_at + 1}");
            }
        }

        private void Blank()
        {
            while (_at < text.Length && text[_at] == ' ')
            {
                _at++;
            }
        }
    }
}
