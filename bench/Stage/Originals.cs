using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Lyceum.Bench.Stage;

/// <summary>Files of several formats with the words of <see cref="Material"/>, made anew in a folder; the same every time.</summary>
internal static class Originals
{
    public static IReadOnlyList<string> Make(string folder)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(3);
        string[] paragraphs = [.. Enumerable.Range(0, 8_000).Select(_ => Material.Text(random, 500))];
        return
        [
            Write("long.txt", string.Join("\n\n", paragraphs)),
            Write("long.md", string.Join("\n\n", paragraphs.Select((p, n) => n % 20 == 0 ? $"## Part {n / 20}\n\n{p}" : p))),
            Write("long.html", $"<!doctype html><html><head><title>Long</title></head><body>{string.Concat(paragraphs.Select((p, n) => (n % 20 == 0 ? $"<h2>Part {n / 20}</h2>" : "") + $"<p>{p}</p>"))}</body></html>"),
            Docx("long.docx", paragraphs),
            Xlsx("long.xlsx", random),
            Pdf("long.pdf", paragraphs),
        ];

        string Write(string name, string text)
        {
            var path = Path.Combine(folder, name);
            File.WriteAllText(path, text);
            return path;
        }

        string Docx(string name, string[] all) => Zip(
            name,
            ("[Content_Types].xml", """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""),
            ("_rels/.rels", """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"""),
            ("word/document.xml", $"""<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{string.Concat(all.Select(p => $"<w:p><w:r><w:t>{p}</w:t></w:r></w:p>"))}</w:body></w:document>"""));

        string Xlsx(string name, Random numbers) => Zip(
            name,
            ("[Content_Types].xml", """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"""),
            ("_rels/.rels", """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"""),
            ("xl/workbook.xml", """<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Long" sheetId="1" r:id="r1"/></sheets></workbook>"""),
            ("xl/_rels/workbook.xml.rels", """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"""),
            ("xl/worksheets/sheet1.xml", $"""<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{string.Concat(Enumerable.Range(1, 15_000).Select(r =>
                $"<row r=\"{r}\"><c r=\"A{r}\" t=\"inlineStr\"><is><t>{Material.Question(numbers, 3)}</t></is></c>{string.Concat("BCDEFG".Select(c => $"<c r=\"{c}{r}\"><v>{numbers.Next(100_000)}</v></c>"))}</row>"))}</sheetData></worksheet>"""));

        string Zip(string name, params (string Entry, string Text)[] parts)
        {
            var path = Path.Combine(folder, name);
            File.Delete(path);
            using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
            foreach (var (entry, text) in parts)
            {
                using var writer = new StreamWriter(zip.CreateEntry(entry, CompressionLevel.Fastest).Open());
                writer.Write(text);
            }

            return path;
        }

        string Pdf(string name, string[] all)
        {
            // Forty lines of a hundred characters on each of 800 pages, as plain streams (ISO 32000-1).
            var path = Path.Combine(folder, name);
            var body = new StringBuilder("%PDF-1.4\n");
            var places = new List<int>();
            string[][] pages = [.. string.Join(' ', all).Chunk(100).Select(line => new string(line)).Chunk(40).Take(800)];
            Add($"<< /Type /Catalog /Pages 2 0 R >>");
            Add($"<< /Type /Pages /Count {pages.Length} /Kids [{string.Join(' ', pages.Select((_, n) => $"{4 + (n * 2)} 0 R"))}] >>");
            Add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
            foreach (var page in pages)
            {
                var text = $"BT /F1 8 Tf 40 800 Td 14 TL {string.Concat(page.Select(line => $"({line}) Tj T* "))}ET";
                Add($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {places.Count + 2} 0 R >>");
                Add($"<< /Length {text.Length} >>\nstream\n{text}\nendstream");
            }

            var table = body.Length;
            body.Append(CultureInfo.InvariantCulture, $"xref\n0 {places.Count + 1}\n0000000000 65535 f \n");
            places.ForEach(p => body.Append(CultureInfo.InvariantCulture, $"{p:D10} 00000 n \n"));
            body.Append(CultureInfo.InvariantCulture, $"trailer << /Size {places.Count + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
            File.WriteAllText(path, body.ToString(), Encoding.ASCII);
            return path;

            void Add(string what)
            {
                places.Add(body.Length);
                body.Append(CultureInfo.InvariantCulture, $"{places.Count} 0 obj\n{what}\nendobj\n");
            }
        }
    }
}
