using System.Text.Json.Nodes;
using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Projects;

/// <summary>When Ear may do by itself what it does by itself (R57), in UTC.</summary>
public sealed class MaintenanceWindowDoor(AtlasDoor door, MaintenanceWindows windows)
{
    private const string Path = "atlas/v2/groups/{groupId}/maintenanceWindow";

    /// <summary>Project Read Only.</summary>
    [Function("getGroupMaintenanceWindow")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call => Task.FromResult<Outcome<Reply>>(
            Reply.Ok(MaintenanceWindowView.Of(call.Project.MaintenanceWindow ?? MaintenanceWindow.Default), ProjectJson.Default.MaintenanceWindowView)));

    /// <summary>Project Owner.</summary>
    [Function("updateGroupMaintenanceWindow")]
    public Task<IActionResult> Update([HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call => call.ReadAsync(MaintenanceWindowBody.Parse).ThenAsync(body
            => ChangeAsync(call, current => body.Change(current ?? MaintenanceWindow.Default))));

    /// <summary>Project Owner.</summary>
    [Function("resetGroupMaintenanceWindow")]
    public Task<IActionResult> Reset([HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            windows.ResetAsync(call.Project.Id, call.Caller.Name, call.Cancellation).MapAsync(_ => Reply.Nothing()));

    /// <summary>Project Owner. Ear announces no maintenance ahead, so there is none to put off.</summary>
    [Function("deferGroupMaintenanceWindow")]
    public Task<IActionResult> Defer([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path + "/defer")] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call => Task.FromResult<Outcome<Reply>>(
            call.Project.MaintenanceWindow is null ? new Problem.MaintenanceWindowNotDefined(groupId) : new Problem.MaintenanceNotScheduled(groupId)));

    /// <summary>Project Owner. On becomes off, and off on.</summary>
    [Function("toggleGroupMaintenanceWindowAutoDefer")]
    public Task<IActionResult> ToggleAutoDefer([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path + "/autoDefer")] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
        {
            var intent = call.Ids.NewHex();
            return ChangeAsync(call, current => current is null ? new Problem.MaintenanceWindowNotDefined(groupId) : current.Toggled(intent));
        });

    private Task<Outcome<Reply>> ChangeAsync(ProjectCall call, Func<MaintenanceWindow?, Outcome<MaintenanceWindow>> decide)
        => windows.ChangeAsync(call.Project.Id, call.Caller.Name, decide, call.Cancellation).MapAsync(_ => Reply.Ok(new JsonObject(), ProjectJson.Default.JsonObject));
}

internal sealed record MaintenanceWindowBody(int? DayOfWeek, int? HourOfDay, bool? AutoDeferOnce, bool? StartAsap, MaintenanceWindowBody.Hours? Protected)
{
    public static MaintenanceWindowBody Parse(BodyFields body) => new(
        body.Integer("dayOfWeek"), body.Integer("hourOfDay"), body.Flag("autoDeferOnceEnabled"), body.Flag("startASAP"),
        body.Object("protectedHours") is { } hours ? new(hours.Integer("startHourOfDay"), hours.Integer("endHourOfDay")) : null);

    public Outcome<MaintenanceWindow> Change(MaintenanceWindow current)
    {
        if (DayOfWeek is not { } day)
            return new Problem.MissingField("dayOfWeek");
        if (day is < 1 or > 7)
            return new Problem.InvalidField("dayOfWeek", "1 (Sunday) to 7 (Saturday).");
        if (HourOfDay is < 0 or > 23)
            return new Problem.InvalidField("hourOfDay", "0 to 23.");
        if (StartAsap is true)
            return new Problem.NotRunHere("startASAP", "Maintenance at once");
        if (Protected is not null && (Protected.Start is not (>= 0 and <= 23) || Protected.End is not (>= 0 and <= 23)))
            return new Problem.InvalidField("protectedHours", "startHourOfDay and endHourOfDay, each 0 to 23.");
        return current with
        {
            DayOfWeek = day,
            HourOfDay = HourOfDay ?? current.HourOfDay,
            AutoDeferOnce = AutoDeferOnce ?? current.AutoDeferOnce,
            ProtectedHours = Protected is { Start: { } start, End: { } end } ? new(start, end) : current.ProtectedHours,
        };
    }

    internal sealed record Hours(int? Start, int? End);
}
