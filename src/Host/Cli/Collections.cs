namespace Lyceum.Host.Cli;

/// <summary>Collections by slug: people name them so, the API knows them by id.</summary>
internal static class Collections
{
    private const int PagesMax = 500;

    public static async Task<IReadOnlyList<CollectionBody>> All(ApiClient api, CancellationToken ct)
    {
        var all = new List<CollectionBody>();
        string? cursor = null;
        for (var page = 0; page < PagesMax; page++)
        {
            var path = "api/v1/knowledge/collections?limit=200" + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}");
            var answer = await api.Get(path, CliJson.Default.CollectionPage, ct);
            all.AddRange(answer.Data);
            cursor = answer.NextCursor;
            if (cursor is null)
            {
                break;
            }
        }

        return all;
    }

    public static async Task<CollectionBody?> Find(ApiClient api, string slug, CancellationToken ct) =>
        (await All(api, ct)).FirstOrDefault(collection => collection.Slug == slug || collection.Id.ToString() == slug);

    public static async Task<CollectionBody> Require(ApiClient api, string slug, CancellationToken ct) =>
        await Find(api, slug, ct) ?? throw new CommandFailed(
            ExitCode.NotFound, "collection_not_found", $"There is no collection '{slug}'. 'lyceum collections list' shows those there are.");

    public static Task<CollectionBody> Create(ApiClient api, string name, string? slug, string? description, CancellationToken ct) => api.Post(
        "api/v1/knowledge/collections", new CreateCollection(name, slug, description), CliJson.Sent.CreateCollection, CliJson.Default.CollectionBody, ct);
}
