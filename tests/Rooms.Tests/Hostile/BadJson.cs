using System.Text;

namespace Lyceum.Rooms.Tests.Hostile;

/// <summary>
/// Bytes that are no JSON document, made by rule: every kind of mistake that JSON has words for, alone, in an object, in a list and around a good document. And
/// edges that a reader may take or refuse, but never fall over.
/// </summary>
internal static class BadJson
{
    private static readonly string[] NoValues =
    [
        "", "tru", "TRUE", "True", "nul", "NULL", "nan", "NaN", "-NaN", "Infinity", "-Infinity", "undefined", "None", "+1", "-", "--1", "-+1", "01", "-01", "00", "1.", ".1", "-.1", "1.e1", "1e", "1e+", "1E-",
        "1eE2", "0x1F", "1_000", "1,5", "1 000", "0e", "0.3e", "1.0e+", "2.e3", "\uff11", "1a", "-1x", "'a'", "`a`", "\"a", "a\"", "\"\\", "\"\\x00\"", "\"\\u\"", "\"\\u12\"", "\"\\u123g\"", "\"\\U0041\"",
        "\"\\a\"", "\"\\'\"", "\"\\\n\"", "\"\t\"", "\"\n\"", "\"\r\"", "\"\0\"", "\"\u0001\"", "\"\u001f\"", "\"\\\"", "\"\"\"", "[", "]", "[1", "1]", "[1,", "[,1]", "[1,,2]", "[1 2]", "[1;2]", "[,]", "[1}", "[\"a\"", "[[]",
        "[]]", "[1,]", "[[", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\" 1}", "{\"a\":1,}", "{,\"a\":1}", "{\"a\":1,,\"b\":2}", "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}",
        "{[]:1}", "{{}:1}", "{\"a\":1}}", "{\"a\"::1}", "{\"a\"=1}", "{\"a\":}", "{:1}", "{\"a\":1]", "{\"a\":[1}", "// c\n1", "/* c */ 1", "1 // c", "# c\n1", "<a/>", "a", "*", "\\", "\\u0041", "$", "@", "\u2060", "\ufeff\ufeff1", "\u00a01", "\f1",
        "\v1", "1\u00a0", "tru e", "- 1", "1 e5", "1. 5", "\"a\" \"b\"", "1 2", "[] []", "{} {}", "null null",
    ];

    /// <summary>All of them, each with a name; the same each time.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> All()
    {
        var all = new List<(string, byte[])>();
        void Add(string name, string text) => all.Add((name, Encoding.UTF8.GetBytes(text)));
        for (var i = 0; i < NoValues.Length; i++)
        {
            var bad = NoValues[i];
            if (bad.Length > 0)
            {
                Add($"alone {bad}", bad);
                Add($"in a list {bad}", $"[{bad}]");
            }

            Add($"as a member {bad}", $"{{\"name\":{bad}}}");
        }

        byte[][] broken =
        [
            [0xff], [0xfe, 0xff], [0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0x80], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xff, 0xfe],
        ];
        foreach (var bytes in broken)
        {
            all.Add(($"bytes {Convert.ToHexString(bytes)} in a text", [.. "{\"name\":\""u8, .. bytes, .. "\"}"u8]));
            all.Add(($"bytes {Convert.ToHexString(bytes)} in a name", [.. "{\"na"u8, .. bytes, .. "me\":1}"u8]));
            all.Add(($"bytes {Convert.ToHexString(bytes)} alone", bytes));
        }

        all.Add(("UTF-16", Encoding.Unicode.GetBytes("{\"name\":\"a\"}")));
        all.Add(("UTF-32", Encoding.UTF32.GetBytes("{\"name\":\"a\"}")));
        foreach (var depth in new[] { 33, 100, 1_000, 100_000 })
        {
            Add($"{depth} lists", new string('[', depth));
            Add($"{depth} closed lists", new string('[', depth) + new string(']', depth));
            Add($"{depth} objects", string.Concat(Enumerable.Repeat("{\"a\":", depth)));
            Add($"{depth} closed objects", string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth));
        }

        // A good document, cut off at every place.
        const string good = "{\"name\":\"a \\u00e9\",\"list\":[1,-2.5e3,true,null],\"inner\":{\"x\":\"y\"}}";
        for (var length = 1; length < good.Length; length++)
        {
            Add($"cut at {length}", good[..length]);
        }

        return all.DistinctBy(bad => Convert.ToBase64String(bad.Item2)).ToList();
    }

    /// <summary>Documents that are JSON, and odd: names twice, lone surrogates, numbers beyond all types, and values where an object belongs.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Odd() =>
    [
        .. new (string, string)[]
        {
            ("a number of a hundred thousand digits", "{\"name\":" + new string('9', 100_000) + "}"), ("an exponent beyond all", "{\"name\":1e999999999}"), ("minus zero", "{\"name\":-0}"),
            ("a lone high surrogate", "{\"name\":\"\\ud800\"}"), ("a lone low surrogate", "{\"name\":\"\\udfff\"}"), ("surrogates the wrong way round", "{\"name\":\"\\udc00\\ud800\"}"), ("an escaped NUL", "{\"name\":\"\\u0000\"}"),
            ("a lone surrogate as a name", "{\"\\ud800\":1}"), ("an empty name", "{\"\":1}"), ("a name that nobody knows", "{\"__proto__\":{\"a\":1}}"), ("a name of a megabyte", "{\"" + new string('a', 1 << 20) + "\":1}"),
            ("null", "null"), ("a list", "[]"), ("a list of lists", "[[],[]]"), ("a number", "12"), ("a text", "\"a\""), ("true", "true"), ("an object of nothing", "{}"), ("a hundred thousand members", "{" + string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"a{i}\":1")) + "}"),
        }.Select(odd => (odd.Item1, Encoding.UTF8.GetBytes(odd.Item2))),
    ];
}
