using Ear.Secrets;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Secrets;

/// <summary>
/// Each night, and at once by <c>POST /admin/functions/ResealSecrets</c>: what lies under an older data key goes under the newest, whether it is ever read or not. What is done
/// is only looked at, so a run that its bound ends, or a deployment, is gone on with by the next.
/// </summary>
public sealed class ResealSecrets(ISecretSeals seals, TimeProvider time, ILogger<ResealSecrets> logger)
{
    private const int PerPage = 500;

    /// <summary>Half of what a function may take.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    [Function(nameof(ResealSecrets))]
    public async Task Run([TimerTrigger("0 15 4 * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var rewrapped = await seals.RewrapAsync(cancellation);
        var (resealed, left) = (0, 0);
        string? after = null;
        do
        {
            var page = await seals.ResealAsync(after, PerPage, cancellation);
            (resealed, left, after) = (resealed + page.Resealed, left + page.Left, page.Next);
            if (after is not null && time.GetElapsedTime(began) >= Longest)
            {
                Log.ResealCutOff(logger, resealed, left, rewrapped.Rewrapped, rewrapped.Left);
                return;
            }
        }
        while (after is not null);
        // Also of nothing: who put a data key out of use has to see that it was looked for.
        Log.Resealed(logger, resealed, left, rewrapped.Rewrapped, rewrapped.Left);
    }
}
