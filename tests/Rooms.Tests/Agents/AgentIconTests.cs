using System.Buffers.Binary;
using System.Net.Http.Headers;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Platform;
using SkiaSharp;
using Xunit;
using Crowd = Lyceum.Rooms.Tests.People.Crowd;

namespace Lyceum.Rooms.Tests.Agents;

/// <summary>STO-10: pictures of agents are made small here, whatever was sent, and are served under an ETag.</summary>
[Trait("row", "STO-10")]
public sealed class AgentIconTests(House house) : IClassFixture<House>
{
    private const string Shared = "/api/v1/agents/agents/00000000-0000-7000-8000-000000000301/icon";
    private const string Gif = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // Three times as wide as high: red, green, blue.
    private static SKColor Thirds(int x, int y) => x < 100 ? SKColors.Red : x < 200 ? SKColors.Lime : SKColors.Blue;

    [Theory]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public async Task Whatever_was_sent_its_middle_is_served_as_96_pixels_of_png(SKEncodedImageFormat format)
    {
        var path = await Agent();
        Assert.Equal(204, (await Put(path, Pictures.Of(300, 100, format, Thirds))).Status);
        using var answer = await house.Bob.Http.GetAsync(path, Ct);
        Assert.Equal(("image/png", "nosniff"), (answer.Content.Headers.ContentType!.MediaType, string.Concat(answer.Headers.GetValues("X-Content-Type-Options"))));
        using var shown = SKBitmap.Decode(await answer.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal((96, 96), (shown.Width, shown.Height));
        Assert.All(new[] { (8, 8), (88, 8), (48, 48), (8, 88), (88, 88) }, p =>
        {
            var (red, green, blue) = (shown.GetPixel(p.Item1, p.Item2).Red, shown.GetPixel(p.Item1, p.Item2).Green, shown.GetPixel(p.Item1, p.Item2).Blue);
            Assert.True(green > 200 && red < 60 && blue < 60, $"{p} is {red} {green} {blue}");
        });
    }

    [Fact]
    public async Task What_is_transparent_stays_so_a_gif_is_taken_and_a_camera_held_upright_is_turned()
    {
        var path = await Agent();
        Assert.Equal(204, (await Put(path, Pictures.Of(200, 200, SKEncodedImageFormat.Png, (x, _) => x < 100 ? SKColors.Transparent : SKColors.Red))).Status);
        using (var shown = SKBitmap.Decode(await house.Ann.Http.GetByteArrayAsync(path, Ct)))
        {
            Assert.Equal((0, 255), (shown.GetPixel(10, 48).Alpha, shown.GetPixel(85, 48).Alpha));
        }

        Assert.Equal(204, (await Put(path, Convert.FromBase64String(Gif))).Status);
        var photo = Pictures.Of(200, 200, SKEncodedImageFormat.Jpeg, (x, _) => x < 100 ? SKColors.Red : SKColors.Blue);
        // EXIF says: turn it by 90 degrees, so that what was left is up.
        byte[] exif = [0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        Assert.Equal(204, (await Put(path, [.. photo[..2], .. exif, .. photo[2..]])).Status);
        using var turned = SKBitmap.Decode(await house.Ann.Http.GetByteArrayAsync(path, Ct));
        Assert.True(turned.GetPixel(48, 10).Red > 200 && turned.GetPixel(48, 85).Blue > 200, $"{turned.GetPixel(48, 10)} over {turned.GetPixel(48, 85)}");
    }

    [Fact]
    public async Task A_picture_is_sent_once_and_the_next_one_takes_the_place_of_the_one_before()
    {
        var path = await Agent();
        Assert.Equal((404, "icon_not_found"), await house.Ann.Http.GetAsync(path, Ct).Said());
        await Put(path, Pictures.Of(10, 10, SKEncodedImageFormat.Png, (_, _) => SKColors.Red));
        using var first = await house.Ann.Http.GetAsync(path, Ct);
        var tag = first.Headers.ETag!; // a picture has one
        Assert.False(tag.IsWeak);
        Assert.Equal(304, await Ask(path, tag));
        var listed = (await House.Json(await house.Ann.Http.GetAsync("/api/v1/chat/agents", Ct))).GetProperty("data").EnumerateArray().Single(a => path.Contains(a.GetProperty("id").GetString()!, StringComparison.Ordinal));
        Assert.StartsWith(path, listed.GetProperty("iconUrl").GetString(), StringComparison.Ordinal);
        Assert.True(listed.GetProperty("mayChangeIcon").GetBoolean());
        await Put(path, Pictures.Of(10, 10, SKEncodedImageFormat.Png, (_, _) => SKColors.Blue));
        Assert.Equal(200, await Ask(path, tag));
        await Gone(tag);
        using var second = await house.Ann.Http.GetAsync(path, Ct);
        Assert.Equal((204, null), await house.Ann.Http.DeleteAsync(path, Ct).Said());
        Assert.Equal((404, "icon_not_found"), await house.Ann.Http.GetAsync(path, Ct).Said());
        await Gone(second.Headers.ETag!);
    }

    [Fact]
    public async Task What_is_no_picture_is_damaged_or_would_unpack_to_gigabytes_is_refused_and_leaves_nothing()
    {
        var path = await Agent();
        var before = await house.Database.Ask<long>($"select count(*) from storage.objects where tenant_id = '{house.Ann.Tenant}'");
        var png = Pictures.Of(400, 400, SKEncodedImageFormat.Png, (x, y) => new SKColor((byte)x, (byte)y, (byte)(x * y)));
        Assert.Equal((415, "not_a_picture"), await Put(path, "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"u8.ToArray()));
        Assert.Equal((415, "not_a_picture"), await Put(path, []));
        Assert.Equal((422, "picture_unreadable"), await Put(path, png[..(png.Length / 2)]));
        Assert.Equal((422, "picture_unreadable"), await Put(path, [0xFF, 0xD8, 0xFF, .. new byte[100]]));
        Assert.Equal((413, "picture_too_large"), await Put(path, Bomb(50_000, 50_000)));
        Assert.Equal((413, "picture_too_large"), await Put(path, Bomb(8_000, 8_000)));
        Assert.Equal(413, (await Put(path, [.. png, .. new byte[1024 * 1024]])).Status);
        Assert.Equal(before, await house.Database.Ask<long>($"select count(*) from storage.objects where tenant_id = '{house.Ann.Tenant}'"));
        Assert.Equal((404, "icon_not_found"), await house.Ann.Http.GetAsync(path, Ct).Said());
    }

    [Fact]
    public async Task The_shared_agents_picture_is_the_installations_and_everybody_sees_it()
    {
        var picture = Pictures.Of(10, 10, SKEncodedImageFormat.Png, (_, _) => SKColors.Red);
        Assert.Equal((403, "installation_only"), await Put(Shared, picture, house.Bob.Http));
        using var ann = await house.AnnsBrowser();
        Assert.Equal(204, (await Put(Shared, picture, ann)).Status);
        Assert.Equal(200, (await house.Eve.Http.GetAsync(Shared, Ct).Said()).Status);
        Assert.Equal((403, "installation_only"), await house.Eve.Http.DeleteAsync(Shared, Ct).Said());
        Assert.Equal(204, (await ann.DeleteAsync(Shared, Ct).Said()).Status);
        Assert.Equal((404, "icon_not_found"), await house.Eve.Http.GetAsync(Shared, Ct).Said());
    }

    [Fact]
    public async Task Who_may_not_change_agents_changes_no_picture_and_another_organisations_agent_is_none()
    {
        var path = await Agent();
        var picture = Pictures.Of(10, 10, SKEncodedImageFormat.Png, (_, _) => SKColors.Red);
        Assert.Equal((404, "agent_not_found"), await Put(path, picture, house.Eve.Http));
        Assert.Equal((404, "agent_not_found"), await house.Eve.Http.GetAsync(path, Ct).Said());
        Assert.Equal((404, "agent_not_found"), await house.Eve.Http.DeleteAsync(path, Ct).Said());
        using var member = await Crowd.Browser(house, await Crowd.Member(house));
        Assert.Equal((403, "permission_denied"), await Put(path, picture, member));
    }

    private async Task<string> Agent()
    {
        var (agent, version) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await house.Do($"""
            insert into agents.agents (tenant_id, id, name, slug, visibility) values ('{house.Ann.Tenant}', '{agent}', 'Painted', 'painted-{agent.ToString()[^12..]}', 'company');
            insert into agents.agent_versions (tenant_id, id, agent_id, version_number, status, max_chunks, retrieval_strategy, published_at) values ('{house.Ann.Tenant}', '{version}', '{agent}', 1, 'published', 4, 'hybrid', now());
            update agents.agents set current_version_id = '{version}' where id = '{agent}'
            """);
        return $"/api/v1/agents/agents/{agent}/icon";
    }

    private Task<(int Status, string? Code)> Put(string path, byte[] bytes, HttpClient? http = null) =>
        (http ?? house.Ann.Http).PutAsync(path, new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } }, Ct).Said();

    private async Task<int> Ask(string path, EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { tag } } };
        using var answer = await house.Ann.Http.SendAsync(request, Ct);
        return (int)answer.StatusCode;
    }

    private Task Gone(EntityTagHeaderValue tag) => JobHouse.Until(
        async () => await house.Database.Ask<long>($"select count(*) from storage.objects where id = '{Guid.ParseExact(tag.Tag.Trim('"'), "N")}'") == 0, "the old picture is gone");

    // A PNG of a few bytes that claims to be that large.
    private static byte[] Bomb(int width, int height)
    {
        var header = new byte[17];
        "IHDR"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), height);
        (header[12], header[13]) = (8, 6);
        var sum = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(sum, Crc(header));
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, .. header, .. sum, 0, 0, 0, 0, .. "IDAT"u8, 0x35, 0xAF, 0x06, 0x1E];
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            }
        }

        return ~crc;
    }
}
