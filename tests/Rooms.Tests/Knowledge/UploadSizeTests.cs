using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Xunit;
using static Lyceum.Rooms.Tests.Knowledge.Structure.Trees;

namespace Lyceum.Rooms.Tests.Knowledge;

/// <summary>One file over the limit among good ones: it alone is refused, wherever it stands in the request and however it is sent.</summary>
public sealed class UploadSizeTests(House house) : IClassFixture<House>
{
    private const int Limit = 1 << 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [Trait("row", "STO-06")]
    public async Task A_file_over_the_limit_is_named_with_the_limit_and_the_files_around_it_are_taken(int place, bool isLengthSaid)
    {
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"/api/v1/iam/teams/{house.Ann.Team}", new { maxFileSizeMb = 1 }, Ct));
        var id = await house.Empty();
        using var form = new MultipartFormDataContent();
        string[] names = ["first.txt", "second.txt", "third.txt"];
        for (var i = 0; i < names.Length; i++)
        {
            // Three times the limit: what follows must be found behind all of it.
            var text = i == place ? new string('a', 3 * Limit) : $"The {names[i]} of {id} is small. {new string('b', i == 2 ? Limit - 100 : 0)}";
            form.Add(new ByteArrayContent(Encoding.ASCII.GetBytes(text)), "file", names[i]);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, $"{K}/collections/{id}/documents") { Content = form };
        request.Headers.TransferEncodingChunked = !isLengthSaid;
        using var answer = await house.Ann.Http.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var items = (await House.Json(answer)).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(names, items.Select(i => i.GetProperty("name").GetString()));
        Assert.Equal(names.Select((_, i) => i == place ? "refused" : "accepted"), items.Select(i => i.GetProperty("status").GetString()));
        var problem = items[place].GetProperty("problem");
        Assert.Equal("file_too_large", problem.GetProperty("code").GetString());
        Assert.Contains("1 MB", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);

        // By itself it is the answer, with the limit in bytes.
        using var alone = new MultipartFormDataContent { { new ByteArrayContent(new byte[Limit + 1]), "file", "alone.txt" } };
        using var refused = await house.Ann.Http.PostAsync($"{K}/collections/{id}/documents", alone, Ct);
        var said = await refused.Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "file_too_large", Limit), (refused.StatusCode, said.GetProperty("code").GetString(), said.GetProperty("maxBytes").GetInt32()));

        // Of the refused one nothing stays; the others come out whole.
        Assert.Equal(string.Join(' ', names.Where((_, i) => i != place)), await house.Ann.Titles(id));
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from storage.objects where file_name = '{names[place]}' and status <> 'deleted' and created_at > now() - interval '1 minute' and size_bytes > {Limit}"));
        foreach (var item in items.Where((_, i) => i != place))
        {
            var content = await house.Ann.Http.GetStringAsync($"{K}/documents/{item.GetProperty("document").GetProperty("id").GetGuid()}/content", Ct);
            Assert.StartsWith($"The {item.GetProperty("name").GetString()} of {id} is small.", content, StringComparison.Ordinal);
        }
    }
}
