using System.Globalization;
using System.Text;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Xunit;

namespace Lyceum.Rooms.Tests.WholeHouse;

/// <summary>
/// docs/schema is written from the catalogue of a migrated database: a page a schema, with a diagram and every table and column.
/// LYCEUM_ACCEPT_SCHEMA=1 writes the pages anew.
/// </summary>
public sealed class SchemaDocumentTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly string Folder = Path.Combine(Files.Repository(), "docs", "schema");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private sealed record Column(string Schema, string Table, string TableComment, string Name, string Type, bool IsNull, string Default, string Comment);

    private sealed record Reference(string Schema, string Table, string Columns, string Target, string TargetColumns);

    [Fact]
    public async Task The_committed_dictionary_is_the_one_of_the_database()
    {
        var pages = await Pages();
        if (Environment.GetEnvironmentVariable("LYCEUM_ACCEPT_SCHEMA") == "1")
        {
            Directory.CreateDirectory(Folder);
            foreach (var old in Directory.EnumerateFiles(Folder, "*.md"))
            {
                File.Delete(old);
            }

            foreach (var (name, text) in pages)
            {
                await File.WriteAllTextAsync(Path.Combine(Folder, name), text, Ct);
            }
        }

        Assert.Equal(pages.Keys.Order(StringComparer.Ordinal), Directory.EnumerateFiles(Folder, "*.md").Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal));
        foreach (var (name, text) in pages)
        {
            Assert.True(text == await File.ReadAllTextAsync(Path.Combine(Folder, name), Ct), $"docs/schema/{name} is not what the migrations make. Run this test with LYCEUM_ACCEPT_SCHEMA=1 and commit what it writes.");
        }
    }

    private async Task<SortedDictionary<string, string>> Pages()
    {
        var owner = database.Databases.AsOwner();
        var columns = await owner.Many(
            $"""
            select n.nspname::text, c.relname::text, coalesce(obj_description(c.oid, 'pg_class'), ''), a.attname::text, format_type(a.atttypid, a.atttypmod), not a.attnotnull,
              coalesce(pg_get_expr(d.adbin, d.adrelid), ''), coalesce(col_description(c.oid, a.attnum), '')
            from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
            where n.nspname = any ({Schemas()}) and c.relkind in ('r', 'p') and not c.relispartition
            order by n.nspname, c.relname, a.attnum
            """,
            row => new Column(row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<bool>(), row.Get<string>(), row.Get<string>()), Ct);
        var references = await owner.Many(
            $"""
            select n.nspname::text, c.relname::text,
              (select string_agg(a.attname, ', ' order by u.i) from unnest(k.conkey) with ordinality u(n, i) join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n),
              tn.nspname || '.' || t.relname,
              (select string_agg(a.attname, ', ' order by u.i) from unnest(k.confkey) with ordinality u(n, i) join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n)
            from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
            join pg_class t on t.oid = k.confrelid join pg_namespace tn on tn.oid = t.relnamespace
            where k.contype = 'f' and n.nspname = any ({Schemas()}) and not c.relispartition order by 1, 2, 3, 4
            """,
            row => new Reference(row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string>(), row.Get<string>()), Ct);
        var comments = (await owner.Many(
            $"select nspname::text, coalesce(obj_description(oid, 'pg_namespace'), '') from pg_namespace where nspname = any ({Schemas()})",
            row => (row.Get<string>(), row.Get<string>()), Ct)).ToDictionary();
        return new SortedDictionary<string, string>(
            columns.GroupBy(c => c.Schema).ToDictionary(g => g.Key + ".md", g => Page(g.Key, comments[g.Key], [.. g], [.. references.Where(r => r.Schema == g.Key)])), StringComparer.Ordinal);
    }

    private static string Page(string schema, string comment, IReadOnlyList<Column> columns, IReadOnlyList<Reference> references)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# Schema {schema}\n\n{comment}.\n\nWritten from the catalogue by SchemaDocumentTests; do not edit.\n\n```mermaid\nerDiagram\n");
        foreach (var pair in references.Select(r => (r.Table, Target: r.Target[(r.Target.IndexOf('.', StringComparison.Ordinal) + 1)..], Own: r.Target.StartsWith(schema + ".", StringComparison.Ordinal))).Where(r => r.Own).Distinct())
        {
            page.Append(CultureInfo.InvariantCulture, $"  {pair.Target} ||--o{{ {pair.Table} : \"\"\n");
        }

        foreach (var lonely in columns.Select(c => c.Table).Distinct().Where(t => !references.Any(r => r.Target.StartsWith(schema + ".", StringComparison.Ordinal) && (r.Table == t || r.Target == $"{schema}.{t}"))))
        {
            page.Append(CultureInfo.InvariantCulture, $"  {lonely}\n");
        }

        page.Append("```\n");
        foreach (var table in columns.GroupBy(c => c.Table))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {schema}.{table.Key}\n\n{table.First().TableComment}\n\n| column | type | null | default | |\n|---|---|---|---|---|\n");
            foreach (var c in table)
            {
                page.Append(CultureInfo.InvariantCulture, $"| {c.Name} | {c.Type} | {(c.IsNull ? "yes" : "")} | {Cell(c.Default)} | {Cell(c.Comment)} |\n");
            }

            foreach (var r in references.Where(r => r.Table == table.Key))
            {
                page.Append(CultureInfo.InvariantCulture, $"\n({r.Columns}) → {r.Target} ({r.TargetColumns})\n");
            }
        }

        return page.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private static string[] Schemas() => ["ops", "storage", "iam", "models", "knowledge", "agents", "chat", "metering", "connect", "workflows", "automation"];
}
