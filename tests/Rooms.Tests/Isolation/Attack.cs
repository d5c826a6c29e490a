using System.Globalization;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>One attempt: a call with something foreign in it, and the same call with something that never was.</summary>
internal sealed record Attempt(Call Call, Credential Credential, string Shape, string Place, IReadOnlyDictionary<Position, string[]> Foreign, IReadOnlyDictionary<Position, string[]>? Missing, Override? Beside)
{
    public override string ToString() => $"{Call} as {Credential.Name}, {Shape} {Place}";
}

/// <summary>
/// Makes the attempts of every call: six shapes (path, query, body, nested, bulk, override) with every credential. <paramref name="whole"/> also puts
/// ids of every other kind everywhere, and every form of naming another tenant; without it, each place is tried once with each credential.
/// </summary>
internal sealed class Attack(Surface surface, World own, World victim, Intruder intruder, bool whole)
{
    private static readonly string[] Shapes = ["path", "query", "body", "nested", "bulk", "override"];

    public static IReadOnlyList<string> AllShapes => Shapes;

    public IEnumerable<Attempt> Attempts() => surface.Calls.SelectMany(Of);

    private IEnumerable<Attempt> Of(Call call)
    {
        foreach (var credential in intruder.For(call))
        {
            foreach (var position in call.Positions)
            {
                foreach (var attempt in At(call, position, credential))
                {
                    yield return attempt;
                }
            }

            foreach (var attempt in Overrides(call, credential))
            {
                yield return attempt;
            }
        }
    }

    private IEnumerable<Attempt> At(Call call, Position position, Credential credential)
    {
        var right = victim.Of(position.Kind);
        foreach (var id in whole ? right : right.Take(1))
        {
            yield return One(position.Where, position, id, []);
        }

        // The rest of the request is the caller's own: a parent of theirs with a foreign child, and a child of theirs under a foreign parent.
        foreach (var other in call.Positions.Where(p => p != position))
        {
            yield return One("nested", position, right[0], [other]);
        }

        if (position.IsList)
        {
            var (mine, never) = (own.Of(position.Kind)[0], Missing(position.Kind));
            yield return new Attempt(call, credential, "bulk", $"{position.Name} mixed", Chosen((position, [mine, right[0]])), Chosen((position, [mine, never])), null);
            yield return new Attempt(call, credential, "bulk", $"{position.Name} mixed, foreign first", Chosen((position, [right[0], mine])), Chosen((position, [never, mine])), null);
        }

        if (whole && !World.IsNamed(position.Kind) && (credential == intruder.Session || credential == intruder.Key || credential == intruder.DirectoryKey))
        {
            foreach (var kind in victim.Kinds.Where(k => k != position.Kind && !World.IsNamed(k)))
            {
                yield return One(position.Where, position, victim.Of(kind)[0], [], $" with the id of a {kind}");
            }
        }

        Attempt One(string shape, Position target, string foreign, Position[] beside, string note = "")
        {
            var fixedOnes = beside.Select(b => (b, new[] { own.Of(b.Kind)[0] })).ToArray();
            return new Attempt(
                call, credential, shape, $"{target.Where}:{target.Name}{note}{string.Concat(beside.Select(b => $" beside own {b.Name}"))}",
                Chosen([(target, [foreign]), .. fixedOnes]), Chosen([(target, [Missing(target.Kind)]), .. fixedOnes]), null);
        }
    }

    private IEnumerable<Attempt> Overrides(Call call, Credential credential)
    {
        var (id, slug) = (victim.Of("tenant")[0], victim.Of("tenant_slug")[0]);
        var forms = new List<Override> { new("header", "X-Tenant-Id", id), new("query", "tenant_id", id), new("query", "tenantId", id), new("header", "X-Lyceum-Tenant", slug), new("header", "X-Organization-Id", id) };
        if (call.Body is not null)
        {
            forms.AddRange([new("body", "tenant_id", id), new("body", "tenantId", id)]);
        }

        // What a call names is the victim's too: had the other tenant been believed, it would be found.
        var foreign = Chosen([.. call.Positions.Where(p => p.Where == "path").Select(p => (p, new[] { victim.Of(p.Kind)[0] }))]);
        var missing = Chosen([.. call.Positions.Where(p => p.Where == "path").Select(p => (p, new[] { Missing(p.Kind) }))]);
        foreach (var form in (whole ? forms : forms.Take(2)).Where(f => !call.Positions.Any(p => p.Name == f.Name)))
        {
            yield return new Attempt(call, credential, "override", $"{form.Where}:{form.Name}", foreign, foreign.Count == 0 ? null : missing, form);
        }
    }

    /// <summary>Tries one, and says what is wrong with the answers; null when nothing is.</summary>
    public async Task<string?> Try(Attempt attempt, int number)
    {
        var (call, credential) = (attempt.Call, attempt.Credential);
        if (credential == intruder.Session && call.Name is "signOut" or "stopImpersonating" or "chooseSignInTenant" or "changePassword")
        {
            credential = await intruder.SignIn(); // these end the session they come with
        }

        var foreign = await Send(attempt.Foreign, "a");
        if (Canary.In(foreign.Raw) && !Things.Public.ContainsKey(call.ToString()))
        {
            return $"{attempt}: LEAK {foreign.Status} {foreign.Raw}";
        }

        if (foreign.Status >= 500)
        {
            return $"{attempt}: {foreign.Status} {foreign.Body}";
        }

        if (attempt.Missing is null || Things.Public.ContainsKey(call.ToString()) || Things.OwnTraces.ContainsKey(call.ToString()))
        {
            return null;
        }

        var missing = await Send(attempt.Missing, "b");
        return foreign.Status == missing.Status && foreign.Body == missing.Body && foreign.Headers == missing.Headers
            ? null
            : $"{attempt}:\n  foreign: {foreign.Status} {foreign.Body}\n  missing: {missing.Status} {missing.Body}{(foreign.Headers == missing.Headers ? "" : $"\n  headers: {foreign.Headers} / {missing.Headers}")}";

        Task<Reply> Send(IReadOnlyDictionary<Position, string[]> chosen, string side)
        {
            var tag = "t" + number.ToString("x", CultureInfo.InvariantCulture) + "z" + side;
            return intruder.Send(credential, new Letter(surface, call, own, tag).Write(chosen, attempt.Beside), [tag, .. chosen.Values.SelectMany(v => v)]);
        }
    }

    private static Dictionary<Position, string[]> Chosen(params (Position, string[])[] chosen) => chosen.ToDictionary(c => c.Item1, c => c.Item2);

    private static string Missing(string kind) => kind switch
    {
        "openai_model" => $"kb:none-{Guid.CreateVersion7()}",
        "tenant_slug" or "agent_slug" => $"none-{Guid.CreateVersion7()}",
        _ => Guid.CreateVersion7().ToString(),
    };
}
