using System.Diagnostics;
using Lyceum.Iam;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>R36: the text of a key tells a typing mistake by itself, and a key that is revoked is revoked on every node.</summary>
[Collection(Alone.Name)]
[Trait("proof", "R36")]
[Trait("row", "TEN-29")]
public sealed class KeyProofTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // Letters and digits, what lies beside them on keyboards, look-alikes, other scripts, other cases of the same letter, control characters.
    private const string Typed = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-+/= .,;:!?\"'`#$%&*()[]{}<>|\\^~@äöüßéОоІІаеіΑΒ０Ａ\t\n\0";

    [Fact]
    public void Each_single_typing_mistake_at_each_place_is_told_by_the_checksum()
    {
        var tried = 0;
        for (var n = 0; n < 25; n++)
        {
            var key = ApiKeySecret.New();
            Assert.True(ApiKeySecret.IsWellFormed(key));
            for (var place = 0; place < key.Length; place++)
            {
                foreach (var letter in Typed.Where(c => c != key[place]))
                {
                    Assert.False(ApiKeySecret.IsWellFormed(string.Concat(key.AsSpan(0, place), new([letter]), key.AsSpan(place + 1))), $"{key} with '{letter}' at {place}");
                    tried++;
                }

                Assert.False(ApiKeySecret.IsWellFormed(key.Remove(place, 1)), "one letter too few");
                Assert.False(ApiKeySecret.IsWellFormed(key.Insert(place, "x")), "one letter too many");
                if (place > 0 && key[place] != key[place - 1])
                {
                    var swapped = key.ToCharArray();
                    (swapped[place], swapped[place - 1]) = (swapped[place - 1], swapped[place]);
                    Assert.False(ApiKeySecret.IsWellFormed(new string(swapped)), "two neighbours swapped");
                }
            }
        }

        Assert.True(tried > 100_000, "too few mistakes were made to mean anything");
    }

    [Fact]
    public async Task A_mistyped_key_is_refused_without_a_look_into_the_database()
    {
        using var asked = new Asked();
        var key = house.Ann.Key;
        for (var place = 4; place < key.Length; place++)
        {
            using var http = house.With(string.Concat(key.AsSpan(0, place), key[place] == 'x' ? "y" : "x", key.AsSpan(place + 1)));
            Assert.Equal((401, "invalid_api_key"), await http.GetAsync("/api/v1/iam/me", Ct).Said());
        }

        Assert.DoesNotContain(asked.Statements, s => s.Contains("iam.resolve_api_key", StringComparison.Ordinal));
        using var unknown = house.With(ApiKeySecret.New());
        Assert.Equal((401, "invalid_api_key"), await unknown.GetAsync("/api/v1/iam/me", Ct).Said());
        Assert.Contains(asked.Statements, s => s.Contains("iam.resolve_api_key", StringComparison.Ordinal)); // the count counts
    }

    [Fact]
    [Trait("row", "TEN-31")]
    public async Task A_revoked_key_opens_nothing_on_any_node_after_a_second()
    {
        var second = await house.StartServer();
        var (secret, id) = await Key();
        using var here = house.With(secret);
        using var there = House.Client(second, secret);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await here.GetAsync("/api/v1/iam/me", Ct).Said()).Status);
            Assert.Equal(200, (await there.GetAsync("/api/v1/iam/me", Ct).Said()).Status);
        }

        await House.Json(await house.Ann.Http.PostAsync($"/api/v1/iam/api-keys/{id}/revoke", null, Ct));
        Assert.Equal(401, (await here.GetAsync("/api/v1/iam/me", Ct).Said()).Status); // where it was revoked: at once
        var watch = Stopwatch.StartNew();
        Assert.Equal("revoked_api_key", (await Neighbours.Until(() => there.GetAsync("/api/v1/iam/me", Ct), 401)).Code);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}"); // a second, and room for a busy machine
    }

    private async Task<(string Secret, Guid Id)> Key()
    {
        var made = await House.Json(await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(house.Ann.Http, "/api/v1/iam/api-keys", new { name = "proof" }, Ct));
        return (made.GetProperty("key").GetString()!, made.GetProperty("apiKey").GetProperty("id").GetGuid()); // the answer has it
    }
}
