using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lyceum.Stub;

/// <summary>What the stub says, and how it cuts that into tokens.</summary>
internal static partial class StubText
{
    /// <summary>Quotes the first sentence of the first source with its marker; without sources it repeats the question.</summary>
    public static string Answer(string prompt, string question)
    {
        var block = SourceBlock().Match(prompt);
        if (block.Success) return Quote(block.Groups["text"].Value, block.Groups["n"].Value);
        var line = NumberedLine().Match(prompt);
        return line.Success ? Quote(line.Groups["text"].Value, line.Groups["n"].Value) : "You said: " + question.Trim();
    }

    public static string Words(int count)
    {
        var text = new StringBuilder();
        for (var i = 1; i <= count; i++)
        {
            if (i > 1) text.Append(' ');
            text.Append("word").Append(i.ToString(CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>Words with the white space before them, so that the tokens put together are the text.</summary>
    public static IReadOnlyList<string> Tokens(string text) => [.. Token().Matches(text).Select(m => m.Value)];

    public static int Count(string text) => Token().Count(text);

    private static string Quote(string text, string marker)
    {
        var sentence = Sentence().Match(text.Trim()).Value.Trim();
        return $"{(sentence.Length > 0 ? sentence : text.Trim())} [{marker}]";
    }

    [GeneratedRegex("""<source id="(?<n>\d+)">\s*(\[\d+\][^\n]*\n)?(?<text>.*?)</source>""", RegexOptions.Singleline)]
    private static partial Regex SourceBlock();

    [GeneratedRegex(@"^\s*\[(?<n>\d+)\]\s*(?<text>\S.*)$", RegexOptions.Multiline)]
    private static partial Regex NumberedLine();

    [GeneratedRegex(@"^.*?[.!?](?=\s|$)", RegexOptions.Singleline)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\s*\S+\s*$|\s*\S+")]
    private static partial Regex Token();
}
