using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>R39: tokens that must not be believed. Each is handed out at the end of an otherwise perfect sign-in.</summary>
[Trait("proof", "R39")]
public sealed class BadTokenTests(FederationHouse place, Forger forger) : IClassFixture<FederationHouse>, IClassFixture<Forger>
{
    private const string Us = "us";
    private static readonly SemaphoreSlim OneAtATime = new(1);

    private delegate string Forge(Forger by, string nonce);

    private static readonly Dictionary<string, Forge> Tokens = new()
    {
        ["alg none"] = (f, n) => Plain(f, n, """{"alg":"none","typ":"JWT"}""", _ => []),
        ["alg none with the signature of another"] = (f, n) => Plain(f, n, """{"alg":"none","kid":"k1"}""", text => f.Key.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        ["alg NoNe"] = (f, n) => Plain(f, n, """{"alg":"NoNe","kid":"k1"}""", _ => [1]),
        ["no alg"] = (f, n) => f.Sign(f.Claims(n), new { kid = "k1" }),
        ["alg of lower case"] = (f, n) => f.Sign(f.Claims(n), new { alg = "rs256", kid = "k1" }),
        ["alg is a list"] = (f, n) => f.Sign(f.Claims(n), new { alg = new[] { "RS256" }, kid = "k1" }),
        ["HS256 with the public key in PEM as secret"] = (f, n) => Hmac(f, n, Encoding.ASCII.GetBytes(f.Key.ExportSubjectPublicKeyInfoPem()), "k1"),
        ["HS256 with the public key in PEM and a line end as secret"] = (f, n) => Hmac(f, n, Encoding.ASCII.GetBytes(f.Key.ExportSubjectPublicKeyInfoPem() + "\n"), "k1"),
        ["HS256 with the public key in DER as secret"] = (f, n) => Hmac(f, n, f.Key.ExportSubjectPublicKeyInfo(), "k1"),
        ["HS256 with the modulus as secret"] = (f, n) => Hmac(f, n, f.Key.ExportParameters(false).Modulus!, "k1"),
        ["HS256 with a symmetric key that is published"] = (f, n) => Hmac(f, n, "a secret that all can read......."u8.ToArray(), "s1"),
        ["HS256 with the client secret"] = (f, n) => Hmac(f, n, "the secret of us, which is long enough"u8.ToArray(), "k1"),
        ["HS256 with an empty secret"] = (f, n) => Hmac(f, n, [], "k1"),
        ["a key that is not published"] = (f, n) => f.Sign(f.Claims(n), key: f.NotPublished),
        ["a key that is not published, under a name of its own"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "mine" }, f.NotPublished),
        ["another published key than the one it names"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "k2" }),
        ["no key id where there are two keys"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256" }),
        ["key id of a file"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "../../../../dev/null" }, f.NotPublished),
        ["key id with a statement"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "k1' union select 'x" }, f.NotPublished),
        ["empty key id"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "" }),
        ["key id is a number"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = 1 }),
        ["key id of the curve with RSA"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "e1" }),
        ["a key of its own in the header"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "k1", jwk = Forger.Public(f.NotPublished, "k1") }, f.NotPublished),
        ["an address of keys in the header"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "k1", jku = f.Issuer + "/keys" }),
        ["an address of a certificate in the header"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "k1", x5u = f.Issuer + "/cert" }),
        ["a certificate in the header"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "k1", x5c = new[] { "MIIB" } }),
        ["an unknown critical header"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "k1", crit = new[] { "exp" } }),
        ["an access token's type"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "k1", typ = "at+jwt" }),
        ["a logout token's type"] = (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "k1", typ = "logout+jwt" }),
        ["alg twice"] = (f, n) => Forger.Sign("""{"alg":"none","alg":"RS256","kid":"k1"}""", JsonSerializer.Serialize(f.Claims(n)), f.Key),
        ["another issuer"] = (f, n) => With(f, n, "iss", "https://accounts.example.com"),
        ["the issuer with a slash more"] = (f, n) => With(f, n, "iss", f.Issuer + "/"),
        ["the issuer in capitals"] = (f, n) => With(f, n, "iss", f.Issuer.ToUpperInvariant()),
        ["no issuer"] = (f, n) => Without(f, n, "iss"),
        ["issuer is a list"] = (f, n) => With(f, n, "iss", new[] { f.Issuer }),
        ["another audience"] = (f, n) => With(f, n, "aud", "them"),
        ["audience in capitals"] = (f, n) => With(f, n, "aud", "US"),
        ["no audience"] = (f, n) => Without(f, n, "aud"),
        ["an empty list of audiences"] = (f, n) => With(f, n, "aud", Array.Empty<string>()),
        ["a list of other audiences"] = (f, n) => With(f, n, "aud", new[] { "them", "they" }),
        ["audience is an object"] = (f, n) => With(f, n, "aud", new { us = true }),
        ["several audiences without azp"] = (f, n) => With(f, n, "aud", new[] { Us, "them" }),
        ["several audiences, made for another"] = (f, n) => With(f, n, "aud", new[] { Us, "them" }, "azp", "them"),
        ["one audience, made for another"] = (f, n) => With(f, n, "azp", "them"),
        ["another nonce"] = (f, n) => With(f, n, "nonce", "AAAA" + n[4..]),
        ["no nonce"] = (f, n) => Without(f, n, "nonce"),
        ["an empty nonce"] = (f, n) => With(f, n, "nonce", ""),
        ["nonce is a list"] = (f, n) => With(f, n, "nonce", new[] { n }),
        ["expired three minutes ago"] = (f, n) => With(f, n, "exp", Forger.Now(-180), "iat", Forger.Now(-900)),
        ["expired long ago"] = (f, n) => With(f, n, "exp", 1_000_000_000),
        ["no expiry"] = (f, n) => Without(f, n, "exp"),
        ["expiry is a text"] = (f, n) => With(f, n, "exp", Forger.Now(600).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ["expiry is beyond all time"] = (f, n) => With(f, n, "exp", 1e300),
        ["expiry is negative"] = (f, n) => With(f, n, "exp", -1),
        ["not valid before five minutes from now"] = (f, n) => With(f, n, "nbf", Forger.Now(300)),
        ["not-before is a text"] = (f, n) => With(f, n, "nbf", "now"),
        ["made five minutes from now"] = (f, n) => With(f, n, "iat", Forger.Now(300)),
        ["no time of making"] = (f, n) => Without(f, n, "iat"),
        ["no subject"] = (f, n) => Without(f, n, "sub"),
        ["an empty subject"] = (f, n) => With(f, n, "sub", ""),
        ["subject is a number"] = (f, n) => With(f, n, "sub", 7),
        ["a subject of 300 characters"] = (f, n) => With(f, n, "sub", new string('s', 300)),
        ["subject twice"] = (f, n) => Forger.Sign("""{"alg":"RS256","kid":"k1"}""", $$"""{"sub":"eve",{{JsonSerializer.Serialize(f.Claims(n))[1..]}}""", f.Key),
        ["audience twice"] = (f, n) => Forger.Sign("""{"alg":"RS256","kid":"k1"}""", $$"""{"aud":"them",{{JsonSerializer.Serialize(f.Claims(n))[1..]}}""", f.Key),
        ["at_hash of another access token"] = (f, n) => With(f, n, "at_hash", Base64Url.EncodeToString(SHA256.HashData("another"u8).AsSpan(0, 16))),
        ["no signature"] = (f, n) => f.Sign(f.Claims(n))[..(f.Sign(f.Claims(n)).LastIndexOf('.') + 1)],
        ["two parts"] = (f, n) => string.Join('.', f.Sign(f.Claims(n)).Split('.').Take(2)),
        ["four parts"] = (f, n) => f.Sign(f.Claims(n)) + ".x",
        ["five parts, as if encrypted"] = (f, n) => f.Sign(f.Claims(n)) + ".x.y",
        ["cut by one character"] = (f, n) => f.Sign(f.Claims(n))[..^1],
        ["a signature with one bit changed"] = (f, n) => Flip(f.Sign(f.Claims(n))),
        ["claims exchanged under the signature"] = (f, n) => Exchange(f.Sign(f.Claims(n)), JsonSerializer.Serialize(f.Claims(n, "eve"))),
        ["a signature of all zeros"] = (f, n) => Forger.Join("""{"alg":"RS256","kid":"k1"}""", JsonSerializer.Serialize(f.Claims(n)), _ => new byte[256]),
        ["a curve's signature of all zeros"] = (f, n) => Forger.Join("""{"alg":"ES256","kid":"e1"}""", JsonSerializer.Serialize(f.Claims(n)), _ => new byte[64]),
        ["a curve's signature by RSA's name"] = (f, n) => Forger.Join("""{"alg":"RS256","kid":"e1"}""", JsonSerializer.Serialize(f.Claims(n)), text => f.Curve.SignData(text, HashAlgorithmName.SHA256)),
        ["padding in its parts"] = (f, n) => f.Sign(f.Claims(n)).Replace(".", "=.", StringComparison.Ordinal),
        ["a blank in front"] = (f, n) => " " + f.Sign(f.Claims(n)),
        ["claims are a list"] = (f, n) => Forger.Sign("""{"alg":"RS256","kid":"k1"}""", "[]", f.Key),
        ["claims are no JSON"] = (f, n) => Forger.Sign("""{"alg":"RS256","kid":"k1"}""", "sub=sam", f.Key),
        ["header is no JSON"] = (f, n) => Forger.Sign("RS256", JsonSerializer.Serialize(f.Claims(n)), f.Key),
        ["nested a thousand deep"] = (f, n) => Forger.Sign("""{"alg":"RS256","kid":"k1"}""", $$"""{"deep":{{new string('[', 1000)}}{{new string(']', 1000)}},{{JsonSerializer.Serialize(f.Claims(n))[1..]}}""", f.Key),
        ["a hundred kilobytes"] = (f, n) => With(f, n, "more", new string('x', 100_000)),
        ["not a token"] = (_, _) => "hello",
        ["signed with SHA-1"] = (f, n) => Forger.Join("""{"alg":"RS1","kid":"k1"}""", JsonSerializer.Serialize(f.Claims(n)), text => f.Key.SignData(text, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1)),
        ["PS256 in the header, PKCS 1 in the signature"] = (f, n) => f.Sign(f.Claims(n), new { alg = "PS256", kid = "k1" }),
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static IEnumerable<TheoryDataRow<string>> Names => Tokens.Keys.Select(name => new TheoryDataRow<string>(name));

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("row", "TEN-09")]
    public async Task A_bad_token_is_refused_with_401_and_nothing_is_written(string name)
    {
        await Provider(); // its secret is not what a sign-in writes
        var written = await place.Written();
        using var browser = new Browser(place.Url);
        var answer = await SignIn(browser, nonce => new { id_token = Tokens[name](forger, nonce), access_token = "access", token_type = "Bearer" });
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("identity_not_proved", await OidcSignInTests.Code(answer));
        Assert.False(browser.HasSession);
        Assert.Equal(written, await place.Written());
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task There_are_more_than_forty_classes_of_them_and_a_good_token_of_each_accepted_kind_gets_in()
    {
        Assert.True(Tokens.Count > 80, $"{Tokens.Count}");
        Forge[] good =
        [
            (f, n) => f.Sign(f.Claims(n)),
            (f, n) => f.Sign(f.Claims(n), new { alg = "RS256", kid = "k2" }, f.OtherKey),
            (f, n) => With(f, n, "aud", new[] { Us, "them" }, "azp", Us),
            (f, n) => With(f, n, "exp", Forger.Now(-60), "iat", Forger.Now(-600)), // within the two minutes that clocks may differ
            (f, n) => With(f, n, "nbf", Forger.Now(60)),
            (f, n) => With(f, n, "at_hash", Base64Url.EncodeToString(SHA256.HashData("access"u8).AsSpan(0, 16))),
            (f, n) => Forger.Join("""{"alg":"ES256","kid":"e1"}""", JsonSerializer.Serialize(f.Claims(n)), text => f.Curve.SignData(text, HashAlgorithmName.SHA256)),
            (f, n) => Forger.Join("""{"alg":"PS256","kid":"k1"}""", JsonSerializer.Serialize(f.Claims(n)), text => f.Key.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)),
            (f, n) => Forger.Join("""{"alg":"ES256"}""", JsonSerializer.Serialize(f.Claims(n)), text => f.Curve.SignData(text, HashAlgorithmName.SHA256)), // there is one curve
        ];
        foreach (var forge in good)
        {
            using var browser = new Browser(place.Url);
            var answer = await SignIn(browser, nonce => new { id_token = forge(forger, nonce), access_token = "access" });
            Assert.True(answer.StatusCode == HttpStatusCode.Redirect, $"{Array.IndexOf(good, forge)}: {await answer.Content.ReadAsStringAsync(Ct)}");
            Assert.True(browser.HasSession);
        }
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task A_token_of_an_earlier_sign_in_is_refused_though_all_of_it_is_true()
    {
        string? earlier = null;
        using var first = new Browser(place.Url);
        Assert.Equal(HttpStatusCode.Redirect, (await SignIn(first, nonce => new { id_token = earlier = forger.Sign(forger.Claims(nonce)) })).StatusCode);
        using var second = new Browser(place.Url);
        var answer = await SignIn(second, _ => new { id_token = earlier });
        Assert.Equal("identity_not_proved", await OidcSignInTests.Code(answer));
        Assert.False(second.HasSession);
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task An_answer_in_the_name_of_another_issuer_or_with_an_error_is_refused()
    {
        using var browser = new Browser(place.Url);
        Assert.Equal("identity_not_proved", await OidcSignInTests.Code(await SignIn(browser, nonce => new { id_token = forger.Sign(forger.Claims(nonce)) }, "&iss=https%3A%2F%2Felse.example")));
        Assert.Equal("provider_refused", await OidcSignInTests.Code(await SignIn(browser, _ => new { }, "&error=access_denied")));
        Assert.Equal("provider_refused", await OidcSignInTests.Code(await SignIn(browser, _ => new { access_token = "x" })));
        Assert.Equal("provider_refused", await OidcSignInTests.Code(await SignIn(browser, _ => new { error = "invalid_grant", error_description = "the secret is hunter2" }, status: 400)));
        var down = await SignIn(browser, _ => new { }, status: 500);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "identity_provider_unreachable"), (down.StatusCode, await OidcSignInTests.Code(down)));
        Assert.False(browser.HasSession);
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task What_the_user_information_says_of_somebody_else_does_not_count()
    {
        await Provider(); // its secret is not what a sign-in writes
        var written = await place.Written();
        using var browser = new Browser(place.Url);
        forger.Information = () => new { sub = "eve", email = "else@forged.example", email_verified = true };
        var answer = await SignIn(browser, nonce =>
        {
            var claims = forger.Claims(nonce, "silent");
            claims.Remove("email");
            claims.Remove("email_verified");
            return new { id_token = forger.Sign(claims), access_token = "access" };
        });
        Assert.Equal("email_missing", await OidcSignInTests.Code(answer));
        Assert.Equal(written, await place.Written());

        // Nor does one document prove the address that the other tells.
        forger.Information = () => new { sub = "mixed", email = "mixed@forged.example", email_verified = true };
        var mixed = await SignIn(browser, nonce =>
        {
            var claims = forger.Claims(nonce, "mixed");
            claims["email"] = "bob@example.com";
            claims.Remove("email_verified");
            return new { id_token = forger.Sign(claims), access_token = "access" };
        });
        Assert.Equal("email_not_verified", await OidcSignInTests.Code(mixed));
        Assert.Equal(written, await place.Written());
    }

    [Fact]
    [Trait("row", "TEN-09")]
    public async Task The_client_secret_and_the_verifier_reach_the_token_endpoint_as_the_standards_say()
    {
        using var browser = new Browser(place.Url);
        await SignIn(browser, nonce => new { id_token = forger.Sign(forger.Claims(nonce)) });
        Assert.Equal("authorization_code", forger.LastForm["grant_type"]);
        Assert.Equal(43, forger.LastForm["code_verifier"].Length);
        Assert.Equal("us:the+secret+of+us%2C+which+is+long+enough", Encoding.UTF8.GetString(Convert.FromBase64String(forger.LastForm["authorization"]["Basic ".Length..])));
        Assert.DoesNotContain("client_secret", forger.LastForm.Keys);
    }

    private async Task<HttpResponseMessage> SignIn(Browser browser, Func<string, object> answer, string more = "", int status = 200)
    {
        await OneAtATime.WaitAsync(Ct);
        try
        {
            var provider = await Provider();
            var sent = await browser.Get($"/api/v1/iam/oidc/{provider}/start");
            Assert.True(sent.StatusCode == HttpStatusCode.Redirect, await sent.Content.ReadAsStringAsync(Ct));
            var query = System.Web.HttpUtility.ParseQueryString(sent.Headers.Location!.Query);
            var made = answer(query["nonce"]!);
            (forger.Answer, forger.AnswerStatus) = (() => made, status);
            return await browser.Get($"/api/v1/iam/oidc/callback?code=code&state={Uri.EscapeDataString(query["state"]!)}{more}");
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private async Task<Guid> Provider()
    {
        var known = await place.House.Database.Names($"select id::text from iam.identity_providers where issuer = '{forger.Issuer}'");
        return known.Count > 0 ? Guid.Parse(known[0])
            : (await place.Add(forger.Issuer, Us, "the secret of us, which is long enough", new { createProvision = true })).GetProperty("id").GetGuid();
    }

    private static string With(Forger by, string nonce, params object?[] changes)
    {
        var claims = by.Claims(nonce);
        for (var i = 0; i < changes.Length; i += 2)
        {
            claims[(string)changes[i]!] = changes[i + 1];
        }

        return by.Sign(claims);
    }

    private static string Without(Forger by, string nonce, string claim)
    {
        var claims = by.Claims(nonce);
        claims.Remove(claim);
        return by.Sign(claims);
    }

    private static string Plain(Forger by, string nonce, string header, Func<byte[], byte[]> sign) => Forger.Join(header, JsonSerializer.Serialize(by.Claims(nonce)), sign);

    private static string Hmac(Forger by, string nonce, byte[] secret, string kid) =>
        Forger.Join(JsonSerializer.Serialize(new { alg = "HS256", kid, typ = "JWT" }), JsonSerializer.Serialize(by.Claims(nonce)), text => HMACSHA256.HashData(secret, text));

    private static string Flip(string token)
    {
        var signature = Base64Url.DecodeFromChars(token.AsSpan(token.LastIndexOf('.') + 1));
        signature[10] ^= 1;
        return string.Concat(token.AsSpan(0, token.LastIndexOf('.') + 1), Base64Url.EncodeToString(signature));
    }

    private static string Exchange(string token, string claims)
    {
        var parts = token.Split('.');
        return $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.{parts[2]}";
    }
}
