using Ear.Local.Kms.Control;
using Ear.Local.Kms.Google.Accounts;
using Ear.Local.Kms.Google.Iam;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Kms.Google;

/// <summary>What a call is about, as far as faults and the request log want to know.</summary>
/// <param name="Names">Full name first, then shorter ones by which a fault may name the key.</param>
internal sealed record CallSubject(string? Caller, IReadOnlyList<string> Names);

/// <summary>
/// The way of every call, whichever door it came by: find out who asks → the fault that was asked for, if any → check permission and run → log.
/// </summary>
internal sealed class GoogleCalls(
    Bearers bearers, Policies policies, ProjectGate projects, Faults faults, RequestLog log, ServiceClock clock, TimeProvider time, ILogger logger)
{
    /// <returns>null: the connection was broken, there is nobody to answer.</returns>
    /// <exception cref="GoogleRefusal">The answer is no.</exception>
    public Task<TResponse?> AnswerAsync<TRequest, TResponse>(HttpContext http, Operation<TRequest, TResponse> operation, TRequest request)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>
    {
        GoogleCaller caller = null!;
        ResourceName resource = null!;
        return RunAsync(http, operation.Name, Admit, Run, fault => new GoogleRefusal(StatusNames.Parse(fault.Code!), fault.Message ?? fault.Code!));

        CallSubject Admit()
        {
            caller = bearers.Identify(http.Request.Headers.Authorization.FirstOrDefault(), operation.Name);
            resource = operation.Resource(request);
            return new CallSubject(caller.Email, [resource.ToString(), resource.Key.ToString(), resource.Key.Id]);
        }

        TResponse Run()
        {
            projects.MustBeOpen(resource.Project);
            if (operation.Permission is { } permission)
                policies.MustAllow(caller, permission, resource);
            return operation.Run(request, caller);
        }
    }

    /// <param name="admit">Says who asks and about what; may refuse.</param>
    /// <param name="refusal">The refusal that a fault with a code stands for.</param>
    /// <returns>null: the connection was broken.</returns>
    public async Task<T?> RunAsync<T>(HttpContext http, string operation, Func<CallSubject> admit, Func<T> run, Func<FaultRule, Exception> refusal)
        where T : class
    {
        var requestId = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        var subject = new CallSubject(null, []);
        var outcome = "ok";
        try
        {
            subject = admit();
            var fault = faults.Take(operation, subject.Names);
            if (fault is { DelayMilliseconds: > 0 })
                await Task.Delay(TimeSpan.FromMilliseconds(fault.DelayMilliseconds), time, http.RequestAborted);
            if (fault?.Reset == ConnectionReset.Before)
                return Broken<T>(http, outcome = "reset before");
            if (fault?.Code is not null)
                throw refusal(fault);
            var answer = run();
            return fault?.Reset == ConnectionReset.After ? Broken<T>(http, outcome = "reset after") : answer;
        }
        catch (GoogleRefusal refused)
        {
            outcome = refused.Code.Name();
            throw;
        }
        catch (TokenRefusedException refused)
        {
            outcome = refused.Error;
            throw;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            outcome = "client gone";
            return null;
        }
        catch (Exception e)
        {
            logger.RequestFailed("google", operation, requestId, e);
            outcome = StatusCode.Internal.Name();
            throw new GoogleRefusal(StatusCode.Internal, "The local KMS failed; its log says why.");
        }
        finally
        {
            log.Add(new RequestEntry(clock.Now, requestId, "google", operation, subject.Names is [var name, ..] ? name : null, subject.Caller, outcome));
        }
    }

    /// <summary>The whole connection, not only this stream of it: that is what a network that breaks does.</summary>
    private static T? Broken<T>(HttpContext http, string _)
        where T : class
    {
        http.Features.Get<IConnectionLifetimeFeature>()?.Abort();
        http.Abort();
        return null;
    }
}
