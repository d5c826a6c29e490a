using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>
/// An OpenID provider that signs whatever it is told, and publishes whatever keys it is told: for tokens that no honest provider would make.
/// </summary>
public sealed class Forger : IAsyncLifetime
{
    private WebApplication? _app;

    private static CancellationToken Ct => CancellationToken.None;

    public RSA Key { get; } = RSA.Create(2048);

    public RSA OtherKey { get; } = RSA.Create(2048);

    public RSA NotPublished { get; } = RSA.Create(2048);

    public ECDsa Curve { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string Issuer { get; private set; } = "";

    /// <summary>What the token endpoint hands out next: the whole answer.</summary>
    public Func<object> Answer { get; set; } = () => new { };

    public Func<object> Information { get; set; } = () => new { sub = "nobody" };

    public int AnswerStatus { get; set; } = 200;

    /// <summary>Members put into, or replaced in, the discovery document.</summary>
    public Dictionary<string, object?> Discovery { get; } = [];

    public List<object> Keys { get; } = [];

    public int KeyLooks { get; private set; }

    /// <summary>The last form the token endpoint was sent, with its Authorization header.</summary>
    public Dictionary<string, string> LastForm { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/.well-known/openid-configuration", () =>
        {
            var document = new Dictionary<string, object?>
            {
                ["issuer"] = Issuer, ["authorization_endpoint"] = Issuer + "/authorize", ["token_endpoint"] = Issuer + "/token", ["userinfo_endpoint"] = Issuer + "/userinfo",
                ["jwks_uri"] = Issuer + "/keys", ["id_token_signing_alg_values_supported"] = new[] { "RS256", "HS256", "none" },
            };
            foreach (var (name, value) in Discovery)
            {
                document[name] = value;
            }

            return document;
        });
        _app.MapGet("/keys", () =>
        {
            KeyLooks++;
            return new { keys = Keys };
        });
        _app.MapPost("/token", async (HttpContext http) =>
        {
            LastForm = (await http.Request.ReadFormAsync(Ct)).ToDictionary(f => f.Key, f => f.Value.ToString());
            LastForm["authorization"] = http.Request.Headers.Authorization.ToString();
            return Results.Json(Answer(), statusCode: AnswerStatus);
        });
        _app.MapGet("/userinfo", () => Information());
        await _app.StartAsync(Ct);
        Issuer = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(); // it was started
        Publish();
    }

    /// <summary>Publishes the usual keys: RSA "k1" and "k2", a curve "e1", and a symmetric one that nobody should ever use.</summary>
    public void Publish()
    {
        Keys.Clear();
        Keys.AddRange([Public(Key, "k1"), Public(OtherKey, "k2"), Public(Curve, "e1"), new { kty = "oct", kid = "s1", k = Base64Url.EncodeToString("a secret that all can read......."u8), alg = "HS256" }]);
    }

    public static object Public(RSA key, string kid)
    {
        var p = key.ExportParameters(false);
        return new { kty = "RSA", use = "sig", kid, n = Base64Url.EncodeToString(p.Modulus), e = Base64Url.EncodeToString(p.Exponent) };
    }

    public static object Public(ECDsa key, string kid)
    {
        var p = key.ExportParameters(false);
        return new { kty = "EC", use = "sig", kid, crv = "P-256", x = Base64Url.EncodeToString(p.Q.X), y = Base64Url.EncodeToString(p.Q.Y) };
    }

    public Dictionary<string, object?> Claims(string? nonce, string subject = "sam") => new()
    {
        ["iss"] = Issuer, ["aud"] = "us", ["sub"] = subject, ["nonce"] = nonce, ["iat"] = Now(), ["exp"] = Now(600), ["email"] = $"{subject}@forged.example", ["email_verified"] = true, ["name"] = "Sam",
    };

    public static long Now(int seconds = 0) => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + seconds;

    public string Sign(object claims, object? header = null, RSA? key = null) =>
        Sign(JsonSerializer.Serialize(header ?? new { alg = "RS256", kid = "k1", typ = "JWT" }), JsonSerializer.Serialize(claims), key ?? Key);

    public static string Sign(string header, string claims, RSA key) => Join(header, claims, text => key.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public static string Join(string header, string claims, Func<byte[], byte[]> sign)
    {
        var text = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{text}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(text)))}";
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(Ct);
            await _app.DisposeAsync();
        }

        Key.Dispose();
        OtherKey.Dispose();
        NotPublished.Dispose();
        Curve.Dispose();
    }
}
