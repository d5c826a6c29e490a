using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>Asks a model for something small and says in one sentence what came of it.</summary>
internal sealed class ConnectionTest(ModelDirectory directory, ModelCalls calls, ModelsOptions options, TimeProvider clock)
{
    /// <summary>The model, also when it is switched off: one tests before switching on.</summary>
    public Task<ModelInfo?> Subject(Db db, Guid id, CancellationToken ct) => directory.FindEvenInactive(db, id, ct);

    public async Task<ModelTest> Run(Db db, ModelInfo model, Caller caller, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        var context = new CallContext(caller.ApiKeyId is null ? "ui" : "api", $"model-test:{Guid.CreateVersion7()}", caller.UserId, caller.ApiKeyId);
        try
        {
            var dimension = await calls.Try(db, model, options.TestMost, context, ct);
            return new ModelTest(true, Milliseconds(started), "ok", $"{model.DisplayName} answered.", dimension);
        }
        catch (ProviderException fault)
        {
            return new ModelTest(false, Milliseconds(started), ModelRules.TestCode(fault.Code), $"{fault.Message} {fault.Hint}".TrimEnd(), null);
        }
    }

    private int Milliseconds(long started) => (int)Math.Ceiling(clock.GetElapsedTime(started).TotalMilliseconds);
}
