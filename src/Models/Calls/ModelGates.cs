namespace Lyceum.Models;

/// <summary>
/// Bounds how many calls of one model run at once in this process: a slow provider makes its own callers wait, not everybody's. Gates exist
/// only while somebody uses them.
/// </summary>
internal sealed class ModelGates(ModelsOptions options, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Gate> _gates = [];

    /// <summary>Waits for a place; dispose the answer to leave. Throws <see cref="ProviderException"/> when the wait grows too long.</summary>
    public async Task<Place> Enter(ModelInfo model, CancellationToken ct)
    {
        var gate = Take(model.Id);
        try
        {
            if (!gate.Turns.Wait(0, CancellationToken.None))
            {
                using var limit = new CancellationTokenSource(options.QueueMost, clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
                try
                {
                    await gate.Turns.WaitAsync(either.Token);
                }
                catch (OperationCanceledException) when (!ct.IsCancellationRequested)
                {
                    throw new ProviderException(
                        ProviderError.RateLimited, $"{model.DisplayName} is busy: {options.ConcurrencyPerModel} calls are running and many wait.", "Try again in a moment.")
                    { RetryAfter = TimeSpan.FromSeconds(5), IsTransient = true };
                }
            }

            return new Place(this, model.Id, gate);
        }
        catch
        {
            Return(model.Id, gate);
            throw;
        }
    }

    private Gate Take(Guid model)
    {
        lock (_lock)
        {
            if (!_gates.TryGetValue(model, out var gate))
            {
                _gates[model] = gate = new Gate(new SemaphoreSlim(options.ConcurrencyPerModel));
            }

            gate.Users++;
            return gate;
        }
    }

    private void Return(Guid model, Gate gate)
    {
        lock (_lock)
        {
            if (--gate.Users == 0)
            {
                _gates.Remove(model);
                gate.Turns.Dispose();
            }
        }
    }

    private sealed class Gate(SemaphoreSlim turns)
    {
        public SemaphoreSlim Turns { get; } = turns;

        public int Users { get; set; }
    }

    /// <summary>A place among the running calls.</summary>
    public sealed class Place : IDisposable
    {
        private readonly ModelGates _all;
        private readonly Guid _model;
        private Gate? _gate;

        internal Place(ModelGates all, Guid model, object gate) => (_all, _model, _gate) = (all, model, (Gate)gate);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _gate, null) is { } gate)
            {
                gate.Turns.Release();
                _all.Return(_model, gate);
            }
        }
    }
}
