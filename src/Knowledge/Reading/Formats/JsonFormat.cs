using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// JSON as lines a person can read: <c>path: value</c>, and arrays of flat objects as tables. Several values after one
/// another (JSON Lines) are read as one array.
/// </summary>
internal static class JsonFormat
{
    public static string? Read(string text, TextBuilder builder)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var options = new JsonReaderOptions
        {
            AllowMultipleValues = true,
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
            MaxDepth = Math.Max(1, builder.Limits.Depth),
        };
        RefuseTooDeep(bytes, options, builder);
        var values = new List<JsonElement>();
        var reader = new Utf8JsonReader(bytes, options);
        while (reader.Read())
        {
            builder.Check();
            values.Add(JsonElement.ParseValue(ref reader));
        }

        var writer = new Writer(builder);
        if (values is [var only])
            writer.Write("", only);
        else
            writer.Array("", values);
        writer.Flush();
        return values is [{ ValueKind: JsonValueKind.Object } root] && root.TryGetProperty("title", out var title) && title.ValueKind == JsonValueKind.String ? title.GetString() : null;
    }

    private static void RefuseTooDeep(byte[] bytes, JsonReaderOptions options, TextBuilder builder)
    {
        var reader = new Utf8JsonReader(bytes, options with { MaxDepth = int.MaxValue });
        while (reader.Read())
        {
            builder.Check();
            if (reader.CurrentDepth >= options.MaxDepth)
                throw new RefusedException(Refusals.TooDeep("JSON", options.MaxDepth));
        }
    }

    /// <summary>Lines of one top-level property form a paragraph. Recursion is bounded by the depth checked above.</summary>
    private sealed class Writer(TextBuilder builder)
    {
        private readonly StringBuilder _lines = new();

        public void Write(string path, JsonElement value)
        {
            builder.Check();
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var property in value.EnumerateObject())
                    {
                        Write(path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value);
                        if (path.Length == 0)
                            Flush();
                    }

                    break;
                case JsonValueKind.Array:
                    Array(path, [.. value.EnumerateArray()]);
                    break;
                default:
                    Line(path, Scalar(value));
                    break;
            }
        }

        public void Array(string path, List<JsonElement> items)
        {
            if (items.Count >= 2 && items.TrueForAll(IsFlat))
            {
                Table(path, items);
                return;
            }

            if (items.Count > 0 && items.TrueForAll(item => item.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)))
            {
                Line(path, string.Join(", ", items.Select(Scalar)));
                return;
            }

            for (var i = 0; i < items.Count; i++)
            {
                Write(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), items[i]);
                if (path.Length == 0)
                    Flush();
            }
        }

        public void Flush()
        {
            builder.Paragraph(_lines.ToString());
            _lines.Clear();
        }

        private void Table(string path, List<JsonElement> items)
        {
            var columns = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var property in items.SelectMany(item => item.EnumerateObject()))
            {
                columns.TryAdd(property.Name, columns.Count);
                if (columns.Count > builder.Limits.Columns)
                    throw new RefusedException(Refusals.TooManyColumns(builder.Limits.Columns));
            }

            Flush();
            if (path.Length > 0)
                builder.Heading(path, Math.Min(6, path.Count(character => character == '.') + 2));
            builder.Row([.. columns.Keys]);
            foreach (var item in items)
            {
                var cells = new string[columns.Count];
                System.Array.Fill(cells, "");
                foreach (var property in item.EnumerateObject())
                    cells[columns[property.Name]] = Scalar(property.Value);
                builder.Row(cells);
            }

            builder.EndRun();
        }

        private void Line(string path, string value)
        {
            if (_lines.Length + path.Length + value.Length > builder.Limits.Characters)
                throw new RefusedException(Refusals.TextTooLarge(builder.Limits.Characters));
            if (_lines.Length > 0)
                _lines.Append('\n');
            _lines.Append(path);
            if (path.Length > 0)
                _lines.Append(": ");
            _lines.Append(value);
        }

        private static bool IsFlat(JsonElement item) =>
            item.ValueKind == JsonValueKind.Object
            && item.EnumerateObject().All(property => property.Value.ValueKind is not JsonValueKind.Object
                && (property.Value.ValueKind != JsonValueKind.Array || property.Value.EnumerateArray().All(value => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))));

        private static string Scalar(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.String => value.GetString() ?? "",
            JsonValueKind.Null or JsonValueKind.Undefined => "",
            JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Scalar)),
            _ => value.GetRawText(),
        };
    }
}
