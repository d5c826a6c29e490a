using System.Text.RegularExpressions;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>One way to damage a database, and how to mend it again.</summary>
internal sealed record Mutant(string Kind, string Name, string Damage, string Mend);

/// <summary>Everything that keeps tenants apart in the database, taken away piece by piece.</summary>
internal static partial class Mutants
{
    /// <summary>Each policy dropped, each of its halves opened, and those for the crossing functions given to everybody; each table's switches turned off.</summary>
    public static async Task<List<Mutant>> Policies(Probe probe)
    {
        var mutants = new List<Mutant>();
        foreach (var line in await probe.Names($"""
            select concat_ws('~|~', schemaname || '.' || tablename, policyname, permissive, array_to_string(roles, ','), cmd, coalesce(qual, ''), coalesce(with_check, ''))
            from pg_policies where schemaname in {Rows.Schemas} order by 1
            """))
        {
            var p = line.Split("~|~");
            var (table, name, roles, verb, qual, check) = (p[0], p[1], p[3], p[4], p[5], p[6]);
            var mend = Made(roles, qual, check);
            mutants.Add(new("policy dropped", $"{table} {name}", $"drop policy {name} on {table}", mend));
            if (roles != "public")
            {
                mutants.Add(new("policy opened to everybody", $"{table} {name}", $"drop policy {name} on {table}; {Made("public", qual, check)}", $"drop policy {name} on {table}; {mend}"));
                continue;
            }

            if (qual.Length > 0)
            {
                // Left out, the check is what USING says; it must not fall with it.
                mutants.Add(new("USING (true)", $"{table} {name}", $"drop policy {name} on {table}; {Made(roles, "true", check.Length == 0 && verb is "ALL" or "UPDATE" ? qual : check)}", $"drop policy {name} on {table}; {mend}"));
            }

            if (verb is not ("SELECT" or "DELETE"))
            {
                mutants.Add(new("WITH CHECK (true)", $"{table} {name}", $"drop policy {name} on {table}; {Made(roles, qual, "true")}", $"drop policy {name} on {table}; {mend}"));
            }

            string Made(string to, string @using, string withCheck) => $"create policy {name} on {table} for {verb} to {to}"
                + (@using.Length > 0 ? $" using ({@using})" : "") + (withCheck.Length > 0 ? $" with check ({withCheck})" : "");
        }

        foreach (var table in await probe.Names($"with t as ({Catalogue.Tables}) select name from t where relrowsecurity and not relispartition order by 1"))
        {
            mutants.Add(new("row level security disabled", table, $"alter table {table} disable row level security", $"alter table {table} enable row level security"));
            mutants.Add(new("row level security not forced", table, $"alter table {table} no force row level security", $"alter table {table} force row level security"));
        }

        return mutants;
    }

    /// <summary>Each comparison of a tenant in a function of ours, made true: those that see all tenants, and those they call.</summary>
    public static async Task<List<Mutant>> Predicates(Probe probe)
    {
        var mutants = new List<Mutant>();
        foreach (var line in await probe.Names($"""
            select p.oid::regprocedure::text || '~|~' || pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where p.prokind = 'f' and n.nspname in {Rows.Schemas} order by 1
            """))
        {
            var (function, text) = (line.Split("~|~")[0], line.Split("~|~")[1]);
            var number = 0;
            foreach (var found in Comparisons(text))
            {
                number++;
                mutants.Add(new("tenant predicate removed", $"{function} #{number}: {found.Value}", $"{text[..found.Index]}{AlwaysTrue(found.Value)}{text[(found.Index + found.Length)..]}", text));
            }
        }

        return mutants;
    }

    /// <summary>Every policy and every table's switches as text, one line each: what the committed list says. Some policies only give leave; without them less works and nothing leaks.</summary>
    public static Task<List<string>> PolicyList(Probe probe) => probe.Names($"""
        select line from (
          select format('%s: %s %s for %s to %s using (%s) check (%s)', p.polrelid::regclass, case when p.polpermissive then 'permissive' else 'restrictive' end, p.polname, p.polcmd,
            array(select r::regrole::text from unnest(p.polroles) r order by 1), pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) as line
          from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname in {Rows.Schemas} and not c.relispartition
          union all
          select format('%s: policies %s, for the owner too %s', c.oid::regclass, case when c.relrowsecurity then 'on' else 'off' end, case when c.relforcerowsecurity then 'yes' else 'no' end)
          from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in {Rows.Schemas} and c.relkind in ('r', 'p') and not c.relispartition) x
        order by line collate "C"
        """);

    /// <summary>The same comparisons as text, one line each: what the committed list says.</summary>
    public static async Task<List<string>> PredicateList(Probe probe) => await probe.Names($"""
        select p.oid::regprocedure::text || '~|~' || pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where p.prokind = 'f' and n.nspname in {Rows.Schemas} order by p.oid::regprocedure::text collate "C"
        """) is var functions
        ? [.. functions.Select(f => f.Split("~|~")).SelectMany(f => Comparisons(f[1]).Select(c => $"{f[0]}: {Line(f[1], c)}"))]
        : [];

    // A comparison with a CASE ends further on than the pattern sees: what comes before it decides.
    private static string AlwaysTrue(string comparison) => comparison.EndsWith(" case", StringComparison.Ordinal) ? $"true or {comparison}" : $"({comparison} or true)";

    // The whole line around the comparison, so that "or true" beside it is seen too.
    private static string Line(string text, Match found)
    {
        var from = text.LastIndexOf('\n', found.Index) + 1;
        var to = text.IndexOf('\n', found.Index) is >= 0 and var end ? end : text.Length;
        return $"{text[from..to].Trim()} [{found.Value}]";
    }

    private static IEnumerable<Match> Comparisons(string text) => Comparison().Matches(text).Where(m => !Assigned().IsMatch(text[Math.Max(0, m.Index - 40)..m.Index]));

    [GeneratedRegex(@"\b(?:[a-z_]+\.)?[a-z_]*tenant_id\s+=\s+(?>(?:[a-z_]+\.)*[a-z_]+(?:\(\))?)(?!\s*\()|\b(?:[a-z_]+\.)?id\s+=\s+(?:p_tenant\b|[a-z_]+\.tenant_id\b)")]
    private static partial Regex Comparison();

    // "set tenant_id = x" and ", tenant_id = x" of an UPDATE put a value in; they compare nothing.
    [GeneratedRegex(@"(\bset|,|:)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex Assigned();
}
