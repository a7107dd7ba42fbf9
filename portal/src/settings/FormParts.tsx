import { Button, Text } from "@mantine/core";
import {
  type ArrayFieldItemTemplateProps,
  type ArrayFieldTemplateProps,
  buttonId,
  canExpand,
  type DescriptionFieldProps,
  descriptionId,
  getTemplate,
  getUiOptions,
  type IconButtonProps,
  type ObjectFieldTemplateProps,
  type TitleFieldProps,
} from "@rjsf/utils";
import { IconPlus } from "@tabler/icons-react";
import type { JsonObject } from "../api/types";
import classes from "./SchemaForm.module.css";

// How the form library's lists, groups and texts look here: as quiet as the theme's single fields, and close together.

export function Heading({ id, title, required }: Pick<TitleFieldProps<JsonObject>, "id" | "title" | "required">) {
  return (
    <Text id={id} size="sm" fw={600} component="div">
      {title}
      {required && <span aria-hidden="true"> *</span>}
    </Text>
  );
}

/** Text of the extension's publisher: shown as text. */
export function Description({ id, description }: Pick<DescriptionFieldProps<JsonObject>, "id" | "description">) {
  return description ? (
    <Text id={id} size="xs" c="dimmed" component="div">
      {description}
    </Text>
  ) : null;
}

export function AddButton({ id, className, disabled, onClick }: IconButtonProps<JsonObject>) {
  return (
    <Button
      id={id}
      className={className}
      disabled={disabled ?? false}
      onClick={onClick}
      size="xs"
      variant="default"
      leftSection={<IconPlus size={14} />}
    >
      Add
    </Button>
  );
}

export function ListField(props: ArrayFieldTemplateProps<JsonObject>) {
  const { canAdd, disabled, fieldPathId, items, onAddClick, rawErrors, readonly, required, schema, uiSchema, title } =
    props;
  const options = getUiOptions(uiSchema);
  const name = options.title || title;
  return (
    <fieldset className={classes.group} id={fieldPathId.$id}>
      {name && (
        <legend>
          <Heading id={`${fieldPathId.$id}-legend`} title={name} required={required ?? false} />
        </legend>
      )}
      <Description id={descriptionId(fieldPathId)} description={options.description || schema.description || ""} />
      {items.length > 0 && <div className={classes.items}>{items}</div>}
      {canAdd && (
        <div className={classes.add}>
          <AddButton
            id={buttonId(fieldPathId, "add")}
            disabled={Boolean(disabled || readonly)}
            onClick={onAddClick}
            registry={props.registry}
            {...(uiSchema ? { uiSchema } : {})}
          />
        </div>
      )}
      <Wrong errors={rawErrors} />
    </fieldset>
  );
}

export function ListItem(props: ArrayFieldItemTemplateProps<JsonObject>) {
  const { buttonsProps, children, hasToolbar, index, registry, schema, uiSchema } = props;
  const Buttons = getTemplate<"ArrayFieldItemButtonsTemplate", JsonObject>(
    "ArrayFieldItemButtonsTemplate",
    registry,
    getUiOptions(uiSchema),
  );
  const group = schema.type === "object";
  return (
    <div className={group ? classes.item : classes.line}>
      {group && (
        <Text size="xs" c="dimmed" fw={600} className={classes.number}>
          {index + 1}
        </Text>
      )}
      <div className={classes.content}>{children}</div>
      {hasToolbar && (
        <div className={classes.tools}>
          <Buttons {...buttonsProps} />
        </div>
      )}
    </div>
  );
}

export function GroupField(props: ObjectFieldTemplateProps<JsonObject>) {
  const { description, disabled, fieldPathId, formData, onAddProperty, properties, readonly, required, schema } = props;
  const { title, uiSchema } = props;
  const path = fieldPathId.path;
  const root = path.length === 0;
  // An element of a list has its number for a title.
  const element = typeof path[path.length - 1] === "number";
  const expandable = canExpand(schema, uiSchema, formData);
  const fields = properties.filter((property) => !property.hidden);
  return (
    <div id={fieldPathId.$id} className={root ? classes.root : element ? classes.element : classes.group}>
      {!root && !element && (
        <div>
          {title && <Heading id={`${fieldPathId.$id}-title`} title={title} required={required ?? false} />}
          <Description id={descriptionId(fieldPathId)} description={description ?? ""} />
        </div>
      )}
      {fields.map((property) => (
        <div key={property.name} className={classes.field}>
          {property.content}
        </div>
      ))}
      {expandable && (
        <div className={classes.add}>
          <AddButton
            id={buttonId(fieldPathId, "add")}
            disabled={Boolean(disabled || readonly)}
            onClick={onAddProperty}
            registry={props.registry}
            {...(uiSchema ? { uiSchema } : {})}
          />
        </div>
      )}
    </div>
  );
}

function Wrong({ errors }: { errors: string[] | undefined }) {
  return errors && errors.length > 0 ? (
    <Text size="xs" mt={4} style={{ color: "var(--mantine-color-error)" }}>
      {errors.join("; ")}
    </Text>
  ) : null;
}
