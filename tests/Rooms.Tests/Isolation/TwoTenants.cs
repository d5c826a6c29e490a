using System.Net.Http.Json;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>A house where Ann's tenant is full of things marked with the word, and Eve's has one of everything too and tries to get at them.</summary>
public sealed class TwoTenants(TestServer server) : IAsyncLifetime
{
    public House House { get; } = new(server) { Settings = { ["LYCEUM_TRUSTED_PROXIES"] = "127.0.0.1" }, LogLevel = "Information" };

    internal World Victim { get; private set; } = null!; // set by InitializeAsync, which xunit calls first

    internal World Own { get; private set; } = null!; // set by InitializeAsync, which xunit calls first

    internal Intruder Intruder { get; private set; } = null!; // set by InitializeAsync, which xunit calls first

    internal Surface Surface { get; private set; } = null!; // set by InitializeAsync, which xunit calls first

    internal Outputs Outputs { get; private set; } = null!; // set by InitializeAsync, which xunit calls first

    internal int MarkedColumns { get; private set; }

    internal List<string> UnmarkedColumns { get; private set; } = [];

    private static CancellationToken Ct => CancellationToken.None;

    public async ValueTask InitializeAsync()
    {
        await House.InitializeAsync();
        Outputs = await Outputs.Of(House);
        Surface = new Surface(House.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>(), await House.Ann.Http.GetStringAsync("/openapi.json", Ct));
        Victim = await World.Build(House, House.Ann, Canary.Word, "victim");
        Own = await World.Build(House, House.Eve, "plain", "own");
        await House.Do("update ops.schedules set next_run_at = now() + interval '1 year'"); // what the clock changes is not the intruder's doing
        (MarkedColumns, UnmarkedColumns) = await Rows.Paint(House, House.Ann.Tenant.Value);
        await Warm();
        Intruder = await Intruder.Enter(House, Own);
    }

    public async ValueTask DisposeAsync()
    {
        Intruder?.Dispose();
        if (Outputs is not null)
        {
            await Outputs.DisposeAsync();
        }

        await House.DisposeAsync();
    }

    // The victim reads everything it has, so that whatever remembers answers has them.
    private async Task Warm()
    {
        foreach (var call in Surface.Calls.Where(c => c.Method == "GET" && c.Name is not ("searchEvents" or "readRun") && !c.Template.EndsWith("/events", StringComparison.Ordinal)))
        {
            using var request = new Letter(Surface, call, Victim, "warm").Write(new Dictionary<Position, string[]>());
            using var response = await House.Ann.Http.SendAsync(request, Ct);
            await response.Content.ReadAsByteArrayAsync(Ct);
        }

        await House.Json(await House.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/search", new { query = "Which colour has the lamp?", collections = new[] { Victim.Of("collection")[0] } }, Ct));
    }
}
