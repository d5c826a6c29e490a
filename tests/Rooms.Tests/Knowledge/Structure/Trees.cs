using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Lyceum.Rooms.Tests.Knowledge.Structure;

/// <summary>Collections with folders and files in them, made over HTTP.</summary>
internal static class Trees
{
    public const string K = "/api/v1/knowledge";

    private static CancellationToken Ct => CancellationToken.None;

    public static async Task<Guid> Empty(this House house, object? settings = null) =>
        (await House.Json(await house.Ann.Http.PostAsJsonAsync($"{K}/collections", settings ?? new { name = $"Tree {Guid.NewGuid()}", visibility = "company" }, Ct))).GetProperty("id").GetGuid();

    public static async Task<Guid> Folder(this Person person, Guid collection, string name, Guid? parentId = null) =>
        (await House.Json(await person.Http.PostAsJsonAsync($"{K}/collections/{collection}/folders", new { name, parentId }, Ct))).GetProperty("id").GetGuid();

    /// <summary>Sends text files; the name is a path where paths are kept. Gives the report's items.</summary>
    public static async Task<List<JsonElement>> Files(this Person person, Guid collection, string query, params (string Name, string Text)[] files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, text) in files)
        {
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", name);
        }

        return [.. (await House.Json(await person.Http.PostAsync($"{K}/collections/{collection}/documents{query}", form, Ct))).GetProperty("items").EnumerateArray()];
    }

    public static Task<JsonElement> Get(this Person person, string path) => person.Http.GetAsync($"{K}{path}", Ct).Read();

    public static Task<JsonElement> Post(this Person person, string path, object body) => person.Http.PostAsJsonAsync($"{K}{path}", body, Ct).Read();

    public static Task<JsonElement> Patch(this Person person, string path, object body) => person.Http.PatchAsJsonAsync($"{K}{path}", body, Ct).Read();

    public static Task<JsonElement> Put(this Person person, string path, object body) => person.Http.PutAsJsonAsync($"{K}{path}", body, Ct).Read();

    public static async Task<List<JsonElement>> List(this Person person, string path)
    {
        var answer = await person.Get(path);
        return [.. (answer.TryGetProperty("data", out var data) ? data : answer.GetProperty("folders")).EnumerateArray()];
    }

    /// <summary>Paths of a collection's folders, in order.</summary>
    public static async Task<string> Paths(this Person person, Guid collection) =>
        string.Join(' ', (await person.List($"/collections/{collection}/folders")).Select(f => f.GetProperty("path").GetString()));

    /// <summary>Titles of the documents a list shows, in alphabetical order.</summary>
    public static async Task<string> Titles(this Person person, Guid collection, string query = "") =>
        string.Join(' ', (await person.List($"/collections/{collection}/documents{query}")).Select(d => d.GetProperty("title").GetString()).Order(StringComparer.Ordinal));

    /// <summary>Titles that a search finds, in alphabetical order.</summary>
    public static async Task<string> Finds(this Person person, Guid collection, string query, params Guid[] folders)
    {
        var answer = await person.Post("/search", new { query, collections = new[] { collection }, topK = 50, folders });
        return string.Join(' ', answer.GetProperty("hits").EnumerateArray().Select(h => h.GetProperty("name").GetString()).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>Whether every number kept beside the rows of a collection is the number of the rows.</summary>
    public static Task<bool> CountersAreTrue(this House house, Guid collection) => house.Database.Ask<bool>($"""
        select c.document_count = (select count(*) from knowledge.documents d where d.collection_id = c.id and d.live_revision_id is not null and d.deleted_at is null)
          and c.chunk_count = (select count(*) from knowledge.chunks k where k.collection_id = c.id)
          and c.token_count = (select coalesce(sum(k.token_count), 0) from knowledge.chunks k where k.collection_id = c.id)
          and coalesce((select s.chunk_count from knowledge.lexical_stats s where s.collection_id = c.id), 0) = (select count(*) from knowledge.chunks k where k.collection_id = c.id and k.disabled_at is null)
          and coalesce((select s.term_total from knowledge.lexical_stats s where s.collection_id = c.id), 0) = (select coalesce(sum(k.term_total), 0) from knowledge.chunks k where k.collection_id = c.id)
          and not exists (select from (select t, count(*) as n from knowledge.chunks k, unnest(k.terms) t where k.collection_id = c.id group by 1) x
            full join (select term, chunk_count from knowledge.term_stats s where s.collection_id = c.id and s.chunk_count <> 0) s on s.term = x.t where x.n is distinct from s.chunk_count)
        from knowledge.collections c where c.id = '{collection}'
        """);

    private static async Task<JsonElement> Read(this Task<HttpResponseMessage> answering) => await House.Json(await answering);
}
