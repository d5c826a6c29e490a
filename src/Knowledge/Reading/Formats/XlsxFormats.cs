using System.Globalization;
using System.Text;
using System.Xml;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// Shows numbers as a workbook's formats would: dates as ISO dates, percentages, thousands, decimals, currency.
/// Not every format Excel knows, but never a date as 45747.
/// </summary>
internal sealed class XlsxFormats
{
    private readonly List<Format> _styles = [];
    private readonly bool _isFrom1904;

    private XlsxFormats(bool isFrom1904) => _isFrom1904 = isFrom1904;

    private enum Kind
    {
        General,
        Number,
        Date,
        Time,
        DateTime,
    }

    public static XlsxFormats Read(OfficePackage package, string part, bool isFrom1904)
    {
        var formats = new XlsxFormats(isFrom1904);
        var codes = new Dictionary<int, string>();
        var isCellStyle = false;
        using var xml = package.Xml(part);
        while (xml is not null && package.Read(xml))
        {
            if (xml.LocalName == "cellXfs")
                isCellStyle = xml.NodeType == XmlNodeType.Element && !xml.IsEmptyElement;
            if (xml.NodeType != XmlNodeType.Element || !int.TryParse(xml.GetAttribute("numFmtId"), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                continue;

            if (xml.LocalName == "numFmt")
                codes[id] = xml.GetAttribute("formatCode") ?? "";
            else if (xml.LocalName == "xf" && isCellStyle)
                formats._styles.Add(Parse(codes.GetValueOrDefault(id) ?? BuiltIn(id)));
        }

        return formats;
    }

    public string Show(double number, int style)
    {
        var format = style >= 0 && style < _styles.Count ? _styles[style] : Format.General;
        return format.Kind switch
        {
            Kind.Date or Kind.Time or Kind.DateTime => Moment(number, format.Kind),
            Kind.Number => format.Prefix + Rounded(number * (format.IsPercent ? 100 : 1), format) + format.Suffix,
            _ => General(number),
        };
    }

    private static string General(double number) =>
        Math.Abs(number) < 1e15 ? number.ToString("0.##############", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture);

    private static string Rounded(double number, Format format) =>
        number.ToString((format.IsGrouped ? "N" : "F") + format.Decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) + (format.IsPercent ? "%" : "");

    private string Moment(double number, Kind kind)
    {
        if (_isFrom1904)
            number += 1462;
        if (number is < 0 or >= 2958466)
            return General(number);

        // Excel believes in 29 February 1900, so days before it are one off from everybody else's.
        var moment = DateTime.FromOADate(number is >= 1 and < 60 ? number + 1 : number).AddMilliseconds(500);
        return (kind == Kind.Time || number < 1 ? Kind.Time : kind) switch
        {
            Kind.Time when number >= 1 => moment.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
            Kind.Time => moment.ToString(moment.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture),
            Kind.DateTime when moment.TimeOfDay >= TimeSpan.FromSeconds(1) => moment.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
            _ => moment.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
    }

    private static string BuiltIn(int id) => id switch
    {
        1 => "0",
        2 => "0.00",
        3 or 37 or 38 => "#,##0",
        4 or 39 or 40 => "#,##0.00",
        9 => "0%",
        10 => "0.00%",
        (>= 14 and <= 17) or (>= 27 and <= 31) or 36 or (>= 50 and <= 58) => "yyyy-mm-dd",
        (>= 18 and <= 21) or (>= 32 and <= 35) or (>= 45 and <= 47) => "h:mm",
        22 => "yyyy-mm-dd h:mm",
        _ => "General",
    };

    // Only the first section counts: the others are for negative numbers, zero and text.
    private static Format Parse(string code)
    {
        var (letters, pattern, prefix, suffix) = (new StringBuilder(), new StringBuilder(), new StringBuilder(), new StringBuilder());
        for (var i = 0; i < code.Length && code[i] != ';'; i++)
        {
            var literal = pattern.Length == 0 ? prefix : suffix;
            switch (code[i])
            {
                case '"':
                    var end = code.IndexOf('"', i + 1);
                    end = end < 0 ? code.Length : end;
                    literal.Append(code, i + 1, end - i - 1);
                    i = end;
                    break;
                case '\\' when i + 1 < code.Length:
                    literal.Append(code[++i]);
                    break;
                case '_' or '*':
                    i++;
                    break;
                case '[':
                    var close = code.IndexOf(']', i);
                    close = close < 0 ? code.Length : close;
                    // [$€-407] is a currency; [Red], [h] and [>100] are not.
                    if (i + 1 < code.Length && code[i + 1] == '$')
                        literal.Append(code[(i + 2)..close].Split('-')[0]);
                    else if (i + 1 < code.Length && char.ToLowerInvariant(code[i + 1]) is 'h' or 'm' or 's')
                        letters.Append(char.ToLowerInvariant(code[i + 1]));
                    i = close;
                    break;
                case '0' or '#' or '?' or '.' or ',' or '%':
                    pattern.Append(code[i]);
                    break;
                case '$' or '€' or '£' or '¥' or '-' or '+' or '(' or ')' or ' ':
                    literal.Append(code[i]);
                    break;
                default:
                    letters.Append(char.ToLowerInvariant(code[i]));
                    break;
            }
        }

        return Classify(letters.ToString(), pattern.ToString(), prefix.ToString(), suffix.ToString());
    }

    private static Format Classify(string letters, string pattern, string prefix, string suffix)
    {
        var hasDay = letters.Contains('y', StringComparison.Ordinal) || letters.Contains('d', StringComparison.Ordinal);
        var hasTime = letters.Contains('h', StringComparison.Ordinal) || letters.Contains('s', StringComparison.Ordinal);
        if (letters.StartsWith("general", StringComparison.Ordinal))
            return Format.General;
        if (hasDay || hasTime || letters.Contains('m', StringComparison.Ordinal))
            return new Format(hasTime ? hasDay ? Kind.DateTime : Kind.Time : Kind.Date);
        // Exponents and fractions leave letters behind; the plain number says the same.
        if (letters.Length > 0 || (!pattern.Contains('0', StringComparison.Ordinal) && !pattern.Contains('#', StringComparison.Ordinal)))
            return Format.General;

        var point = pattern.IndexOf('.', StringComparison.Ordinal);
        var decimals = point < 0 ? 0 : pattern[point..].Count(character => character is '0' or '#' or '?');
        var isGrouped = (point < 0 ? pattern : pattern[..point]).Contains(',', StringComparison.Ordinal);
        return new Format(Kind.Number, Math.Min(decimals, 15), isGrouped, pattern.Contains('%', StringComparison.Ordinal), prefix.TrimStart(), suffix.TrimEnd());
    }

    private sealed record Format(Kind Kind, int Decimals = 0, bool IsGrouped = false, bool IsPercent = false, string Prefix = "", string Suffix = "")
    {
        public static Format General { get; } = new(Kind.General);
    }
}
