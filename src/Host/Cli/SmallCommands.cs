using System.Globalization;

namespace Lyceum.Host.Cli;

/// <summary>The commands that ask one thing and print it: status, keys, collections, search.</summary>
internal sealed class SmallCommands(ApiClient api, Terminal terminal, TimeProvider time)
{
    public async Task<int> Status(CancellationToken ct)
    {
        var version = await api.Get("api/v1/version", CliJson.Default.VersionBody, ct);
        var (ready, checks) = await Ready(ct);
        MeBody? me = null;
        CommandFailed? stranger = null;
        try
        {
            me = await api.Get("api/v1/iam/me", CliJson.Default.MeBody, ct);
        }
        catch (CommandFailed refused) when (refused.ExitCode == ExitCode.NotAllowed)
        {
            stranger = refused;
        }

        await terminal.Document(
            new StatusReport(api.Url, ready, version.Version, me?.User.Email, me?.Tenant?.Slug, checks), CliJson.Printed.StatusReport);
        await terminal.Line($"{api.Url}  Lyceum {version.Version}, {(ready ? "ready" : "not ready")}");
        if (me is not null)
        {
            await terminal.Line($"signed in as {Terminal.Clean(me.User.Email)}{(me.Tenant is { } tenant ? $" in {Terminal.Clean(tenant.Name)}" : "")}");
        }

        if (stranger is not null)
        {
            await terminal.Failure(stranger.Code, stranger.Message);
            return ExitCode.NotAllowed;
        }

        return ready ? ExitCode.Ok : ExitCode.ServerError;
    }

    public async Task<int> CreateKey(string name, IReadOnlyList<string> scopes, int? days, CancellationToken ct)
    {
        var created = await api.Post(
            "api/v1/iam/api-keys",
            new CreateKey(name, scopes.Count > 0 ? scopes : null, days is { } valid ? time.GetUtcNow().AddDays(valid) : null),
            CliJson.Sent.CreateKey, CliJson.Default.KeyCreated, ct);
        await terminal.Document(created, CliJson.Printed.KeyCreated);
        await terminal.Line(created.Key);
        if (terminal.Watched)
        {
            await Console.Error.WriteLineAsync("Keep it now: it is shown only this once.");
        }

        return ExitCode.Ok;
    }

    public async Task<int> CreateCollection(string name, string? slug, string? description, CancellationToken ct)
    {
        var created = await Collections.Create(api, name, slug, description, ct);
        await terminal.Document(created, CliJson.Printed.CollectionBody);
        await terminal.Line(created.Slug);
        return ExitCode.Ok;
    }

    public async Task<int> ListCollections(CancellationToken ct)
    {
        var all = await Collections.All(api, ct);
        await terminal.Document(new CollectionsReport(all), CliJson.Printed.CollectionsReport);
        if (all.Count == 0)
        {
            await terminal.Line("There is no collection yet: lyceum collections create NAME");
            return ExitCode.Ok;
        }

        var slugs = Math.Max(4, all.Max(c => c.Slug.Length));
        await terminal.Line($"{"SLUG".PadRight(slugs)}  {"DOCUMENTS",9}  {"PENDING",7}  {"FAILED",6}  NAME");
        foreach (var c in all)
        {
            await terminal.Line($"{c.Slug.PadRight(slugs)}  {c.DocumentCount,9}  {c.PendingCount,7}  {c.FailedCount,6}  {Terminal.Clean(c.Name)}");
        }

        return ExitCode.Ok;
    }

    public async Task<int> Search(string query, IReadOnlyList<string> slugs, int top, CancellationToken ct)
    {
        var ids = new List<Guid>();
        foreach (var slug in slugs)
        {
            ids.Add((await Collections.Require(api, slug, ct)).Id);
        }

        var answer = await api.Post(
            "api/v1/knowledge/search", new SearchRequest(query, ids, top), CliJson.Sent.SearchRequest, CliJson.Default.SearchAnswer, ct);
        await terminal.Document(new SearchReport(answer.Hits), CliJson.Printed.SearchReport);
        if (answer.Hits.Count == 0)
        {
            await terminal.Line("Nothing was found.");
        }

        foreach (var (hit, index) in answer.Hits.Select((hit, index) => (hit, index)))
        {
            var page = hit.Page is { } number ? $", page {number}" : "";
            await terminal.Line($"{index + 1,2}. {Terminal.Clean(hit.Name)}{page}  {hit.Score.ToString("0.000", CultureInfo.InvariantCulture)}");
            await terminal.Line($"    {Terminal.Short(hit.Text, 200)}");
        }

        return ExitCode.Ok;
    }

    /// <summary>A server that is not ready answers 503 and says why; that is an answer here, not a fault.</summary>
    private async Task<(bool Ready, Dictionary<string, System.Text.Json.JsonElement>? Checks)> Ready(CancellationToken ct)
    {
        try
        {
            return (true, (await api.Get("healthz/ready", CliJson.Default.ReadyBody, ct)).Checks);
        }
        catch (CommandFailed refused) when (refused.ExitCode == ExitCode.ServerError)
        {
            return (false, null);
        }
    }
}
